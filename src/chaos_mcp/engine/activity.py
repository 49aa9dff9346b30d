"""Asking and doing: an activity is called, timed, judged, and written down."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.errors import ChaosError
from chaos_mcp.events import ActionFinished, ActionStarted, ProbeMeasured

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.engine.hooks import Hooks
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.plan.model import Call, Deed, Question
    from chaos_mcp.terms import Role, Verdict, When


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a call, or why nothing did."""

    value: Any = None
    error: str = ""
    duration: float = 0.0


@dataclass(slots=True)
class Activities:
    """Calls probes and actions, and writes down what came of it."""

    journal: Journal
    world: World
    scope: Scope
    hooks: Hooks

    async def ask(
        self, question: Question, role: Role, when: When | None = None
    ) -> ProbeMeasured:
        """Ask a question and record the answer with its verdict."""
        answer = await self._answer(question.call)
        verdict, why = await self._judge(question, answer)
        return self.journal.record(
            ProbeMeasured(
                name=question.call.name,
                role=role,
                when=when,
                verdict=verdict,
                value=plain(answer.value),
                expected=question.expected,
                why=why,
                duration=round(answer.duration, 6),
            )
        )

    async def quietly(self, question: Question) -> tuple[bool, str]:
        """Ask without a record; return whether it held, and why not."""
        verdict, why = await self._judge(question, await self.timed(question.call))
        return verdict == "held", why

    async def do(self, deed: Deed, role: Role) -> ActionFinished:
        """Carry an action out; it is written down before and after."""
        name = deed.call.name
        self.journal.record(ActionStarted(name=name, role=role))
        try:
            answer = await self._answer(deed.call)
        except anyio.get_cancelled_exc_class():
            self._finished(name, role, "aborted", Answer(error="the run was stopped"))
            raise
        status = "failed" if answer.error else "succeeded"
        return self._finished(name, role, status, answer)

    def _finished(
        self, name: str, role: Role, status: Any, answer: Answer
    ) -> ActionFinished:
        return self.journal.record(
            ActionFinished(
                name=name,
                role=role,
                status=status,
                output=plain(answer.value),
                error=answer.error,
                duration=round(answer.duration, 6),
            )
        )

    async def _answer(self, call: Call) -> Answer:
        if call.before:
            await anyio.sleep(call.before)
        await self.hooks.before("activity", call)
        answer = await self.timed(call)
        await self.hooks.after("activity", call, answer)
        if call.after:
            await anyio.sleep(call.after)
        return answer

    async def timed(self, call: Call) -> Answer:
        """Call, and return what came back and how long it took."""
        began = time.perf_counter()
        value, error = await self._captured(call)
        return Answer(value, error, time.perf_counter() - began)

    async def _captured(self, call: Call) -> tuple[Any, str]:
        """Call, and turn whatever goes wrong into words: it is somebody else's code."""
        try:
            with anyio.fail_after(call.timeout):
                return await call.prepare(self.scope)(self.world), ""
        except TimeoutError:
            return None, f"no answer within {call.timeout:g} s"
        except ChaosError as error:
            return None, str(error) or type(error).__name__
        except Exception as error:  # noqa: BLE001 - an activity's capture
            return None, f"{type(error).__name__}: {error}"

    async def _judge(self, question: Question, answer: Answer) -> tuple[Verdict, str]:
        if answer.error:
            return "unknown", answer.error
        if question.doubt:
            opinion = await self.timed(question.doubt(answer.value))
            if opinion.error or not opinion.value:
                return "deviated", opinion.error or "the tolerance probe says no"
            return "held", ""
        return question.judge(answer.value) if question.judge else ("held", "")


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; what cannot be held becomes its `repr`."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else repr(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return repr(value)
