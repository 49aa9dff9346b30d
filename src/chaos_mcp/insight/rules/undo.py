"""Putting things back was harder than it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import FaultUndoFailed, RunTakenOver
from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.view import View


def find(view: View) -> Iterator[Insight]:
    """Yield undos that had to be tried again, and runs that others finished."""
    failed: dict[str, list[FaultUndoFailed]] = {}
    for event in view.events:
        if isinstance(event, FaultUndoFailed):
            failed.setdefault(event.fault, []).append(event)
        elif isinstance(event, RunTakenOver):
            yield _taken(event)
    for events in failed.values():
        times = "once" if len(events) == 1 else f"{len(events)} times"
        yield Insight(
            "undo-retried",
            "warn",
            f"taking {line(events[0].name)} back failed {times}: "
            f"{line(events[-1].error)}",
            tuple(event.seq for event in events),
            "see whether what is needed to put things back can be hit by the fault",
        )


def _taken(event: RunTakenOver) -> Insight:
    who = "the guardian" if event.by == "guardian" else "`chaos recover`"
    return Insight(
        "taken-over",
        "warn",
        f"the runner did not live to put things back, {who} did: {line(event.why)}",
        (event.seq,),
        "find out what ended the runner: was its own machine in the blast radius?",
    )
