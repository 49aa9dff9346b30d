"""The steady-state hypothesis: judged before, during and after the harm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.events import HypothesisJudged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.plan.model import Question
    from chaos_mcp.terms import Verdict, When


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on all: one deviated, or else one unknown, counts."""
    seen = set(verdicts)
    if "deviated" in seen:
        return "deviated"
    return "unknown" if "unknown" in seen else "held"


@dataclass(slots=True)
class Hypothesis:
    """Asks the hypothesis' probes and takes their answers as a whole."""

    questions: Sequence[Question]
    activities: Activities
    every: float = 1.0
    _during: list[Verdict] = field(default_factory=list)
    _enough: anyio.Event = field(default_factory=anyio.Event)

    def _of(self, when: When) -> list[Question]:
        return [question for question in self.questions if when in question.when]

    async def judge(self, when: When) -> Verdict:
        """Ask all probes once and record the verdict on them together."""
        return self._record(when, await self._ask(when, when))

    async def settle(self, within: float) -> None:
        """Wait until the system is back in its steady state, for so many seconds.

        What is asked meanwhile counts for nothing but the timeline.
        """
        with anyio.move_on_after(within):
            # The system tells nobody when it is back; it has to be asked.
            while worst(await self._ask("after", None)) != "held":  # noqa: ASYNC110
                await anyio.sleep(min(self.every, 1.0))

    async def watch(self) -> None:
        """Ask again and again while faults stand, until told that it is enough."""
        while not self._enough.is_set():
            self._during += await self._ask("during", "during")
            with anyio.move_on_after(self.every):
                await self._enough.wait()

    def enough(self) -> None:
        """End `watch` after the round that it is at."""
        self._enough.set()

    def conclude(self) -> None:
        """Record what `watch` has seen, if it was asked anything."""
        if self._of("during"):
            self._record("during", self._during or ["unknown"])

    async def _ask(self, whose: When, when: When | None) -> list[Verdict]:
        return [
            (await self.activities.ask(question, "hypothesis", when)).verdict
            for question in self._of(whose)
        ]

    def _record(self, when: When, verdicts: Sequence[Verdict]) -> Verdict:
        verdict = worst(verdicts)
        if self._of(when):
            self.activities.journal.record(HypothesisJudged(when=when, verdict=verdict))
        return verdict
