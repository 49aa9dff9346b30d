"""Asking again and again while a block runs, and what came of that."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from chaos_mcp.engine.activity import plain
from chaos_mcp.errors import ChaosError, NotStable
from chaos_mcp.events import ProbeMeasured
from chaos_mcp.experiment.tolerance import compile_tolerance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chaos_mcp.terms import Verdict

WHATEVER = object()
"""What is expected where nothing was said: anything that Python takes for true."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe answered once."""

    at: float
    """Seconds since the watch began."""
    verdict: Verdict
    why: str = ""
    value: Any = None
    duration: float = 0.0


@dataclass(slots=True)
class Watched:
    """All answers of one watch."""

    name: str
    at_least: float = 1.0
    """The share of answers that must hold."""
    expect: Any = WHATEVER
    answers: list[Answer] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def held(self) -> float:
        """Return the share of answers that held; 0 where there are none."""
        return self.count("held") / len(self.answers) if self.answers else 0.0

    def count(self, verdict: Literal["held", "deviated", "unknown"]) -> int:
        """Return how many answers came to this verdict."""
        return sum(1 for one in self.answers if one.verdict == verdict)

    def check(self) -> None:
        """Raise `NotStable` unless enough answers held; not knowing is not holding."""
        if self.held >= self.at_least and self.answers:
            return
        bad = [one for one in self.answers if one.verdict != "held"]
        shown = "".join(
            f"\n    after {one.at:.2f} s: {one.verdict}: {one.why}" for one in bad[:5]
        )
        total = len(self.answers)
        raise NotStable(
            f"{self.name}: {len(bad)} of {total} answers did not hold{shown}"
        )

    def took(self, began: float, value: Any, error: BaseException | None) -> Answer:
        """Judge an answer and keep it."""
        verdict, why = self._judged(value, error)
        at = round(began - self.began, 6)
        duration = round(time.monotonic() - began, 6)
        answer = Answer(at, verdict, why, value, duration)
        self.answers.append(answer)
        return answer

    def _judged(self, value: Any, error: BaseException | None) -> tuple[Verdict, str]:
        if isinstance(error, AssertionError):
            return "deviated", str(error) or "an assertion failed"
        if error is not None:
            said = f"{type(error).__name__}: {error}"
            return "unknown", str(error) if isinstance(error, ChaosError) else said
        if self.expect is not WHATEVER:
            return compile_tolerance(self.expect).judge(value)
        if value is None or value:
            return "held", ""
        return "deviated", f"it answered {value!r}"


def measured(name: str, answer: Answer) -> ProbeMeasured:
    """Return an answer as it is written down."""
    return ProbeMeasured(
        name=name,
        role="hypothesis",
        when="during",
        verdict=answer.verdict,
        value=plain(answer.value),
        why=answer.why,
        duration=answer.duration,
    )


def name_of(probe: str | Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """Return what a probe is called in messages."""
    if callable(probe):
        return getattr(probe, "__name__", type(probe).__name__)
    shown = " ".join(f"{key}={value}" for key, value in arguments.items())
    return f"{probe} {shown}".strip()
