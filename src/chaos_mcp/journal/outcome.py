"""The verdict on a run, and why: never better than what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import (
    BaselineJudged,
    FaultInjected,
    FaultSkipped,
    HypothesisJudged,
    RunAborting,
)
from chaos_mcp.journal.findings import (
    Finding,
    bite,
    cut_short,
    hypothesis,
    method,
    parts,
)
from chaos_mcp.journal.leftovers import left_behind
from chaos_mcp.journal.measured import measured
from chaos_mcp.journal.model import EXIT_CODES, Outcome
from chaos_mcp.journal.regressions import regressions
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.journal.findings import Weight
    from chaos_mcp.journal.measured import Measured
    from chaos_mcp.journal.model import Result

ORDER: tuple[Weight, ...] = (
    "unsafe",
    "aborted",
    "baseless",
    "failed",
    "doubt",
    "note",
)
RESULTS: dict[Weight, Result] = {
    "unsafe": "UNSAFE",
    "aborted": "ABORTED",
    "baseless": "INCONCLUSIVE",
    "failed": "FAILED",
    "doubt": "INCONCLUSIVE",
    "note": "PASSED",
}


def outcome(events: Sequence[Event], score: Measured | None) -> Outcome:
    """Return what came of a run, the weightiest reason first.

    Something that may still be broken outweighs all; then that the run was stopped;
    then that nothing can be concluded from it; then a deviation; then what was not
    measured. `score` is None where none is asked for.
    """
    found = sorted(_findings(events, score), key=lambda one: ORDER.index(one.weight))
    result = RESULTS[found[0].weight] if found else "PASSED"
    good = tuple(_in_favour(events, score)) if result == "PASSED" else ()
    return Outcome(
        result=result,
        exit_code=_exit_code(result, events),
        reasons=tuple(dict.fromkeys([*good, *(one.sentence for one in found)])),
        next_step="; ".join(dict.fromkeys(one.remedy for one in found if one.remedy)),
    )


def _findings(events: Sequence[Event], score: Measured | None) -> Iterator[Finding]:
    yield from left_behind(events)
    yield from cut_short(events)
    yield from hypothesis(events)
    yield from bite(events)
    yield from method(events)
    yield from measured(events, score)
    yield from regressions(events)
    yield from parts(events)


def _exit_code(result: Result, events: Sequence[Event]) -> int:
    """Return the verdict's exit code, or the one that a stopped run was given.

    A run that was stopped may not ask to be taken for one that passed.
    """
    if result == "ABORTED":
        for event in events:
            if isinstance(event, RunAborting) and event.exit_code:
                return event.exit_code
    return EXIT_CODES[result]


def _in_favour(events: Sequence[Event], score: Measured | None) -> Iterator[str]:
    held = [event.when for event in events if isinstance(event, HypothesisJudged)]
    if held:
        when = ", ".join(dict.fromkeys(held))
        yield f"the steady-state hypothesis held ({when})"
    else:
        yield "nothing deviated, but no hypothesis was judged"
    injected = {event.fault for event in events if isinstance(event, FaultInjected)}
    if injected:
        what = "1 fault" if len(injected) == 1 else f"{len(injected)} faults"
        yield f"{what} bit, and after the undo nothing of it was left"
    elif any(isinstance(event, FaultSkipped) for event in events):
        yield "no fault was injected: all were left out by chance"
    for event in events:
        if isinstance(event, BaselineJudged):
            yield f"no worse than the baseline {line(event.baseline)} ({event.against})"
    if score and score.value is not None:
        ends = f"{score.low or 0:.1f} to {score.high or 0:.1f}"
        yield f"the score is {score.value:.1f} ({ends})"
