"""What a run may have left broken: faults still open, rollbacks not carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import (
    ActionFinished,
    ActionStarted,
    FaultInjected,
    FaultUndoFailed,
    JournalDamaged,
    PhaseStarted,
    ProbeMeasured,
    RunEnded,
)
from chaos_mcp.journal.fault_sentences import label
from chaos_mcp.journal.findings import Finding
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.settings import started
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event, FaultArmed


def left_behind(events: Sequence[Event]) -> Iterator[Finding]:
    """Yield what may still be broken."""
    for fault in open_faults(events):
        why = _last_error(events, fault.fault)
        words = f"{label(fault)} was not seen to be gone and may still stand{why}"
        yield Finding("unsafe", words, _finish(fault))
    for event in events:
        if isinstance(event, JournalDamaged):
            words = f"{event.missing} lines of the journal are damaged or missing"
            yield Finding("unsafe", f"{words}, so a fault may stand unknown", _LOOK)
    yield from _rollbacks_that_failed(events)
    yield from _rollbacks_not_run(events)


def _last_error(events: Sequence[Event], fault: str) -> str:
    for event in reversed(events):
        if isinstance(event, FaultUndoFailed) and event.fault == fault:
            return f": {line(event.error)}"
    return ""


def _rollbacks_that_failed(events: Sequence[Event]) -> Iterator[Finding]:
    begun: list[str] = []
    for event in events:
        match event:
            case ActionStarted(role="rollback", name=name):
                begun.append(name)
            case ActionFinished(role="rollback", name=name):
                if name in begun:
                    begun.remove(name)
                if event.status != "succeeded":
                    yield _broken_rollback(name, line(event.error) or event.status)
            case ProbeMeasured(role="rollback", name=name, verdict="deviated"):
                yield _broken_rollback(name, line(event.why) or "deviated")
            case _:
                pass
    for name in begun:
        yield _broken_rollback(name, "it was begun and never came to its end")


def _broken_rollback(name: str, why: str) -> Finding:
    words = f"the rollback {line(name)} failed, so something may still be broken: {why}"
    remedy = f"put back by hand what the rollback {line(name)} was to put back"
    return Finding("unsafe", words, remedy)


def _rollbacks_not_run(events: Sequence[Event]) -> Iterator[Finding]:
    """Yield that a runner died before it came to the rollbacks that were written."""
    begun = started(events)
    file = begun.experiment if begun else None
    written = isinstance(file, dict) and file.get("rollbacks")
    touched = any(
        isinstance(event, FaultInjected)
        or (isinstance(event, ActionStarted) and event.role == "method")
        for event in events
    )
    reached = any(
        isinstance(event, RunEnded)
        or (isinstance(event, PhaseStarted) and event.phase == "rollbacks")
        for event in events
    )
    if written and touched and not reached:
        words = "the runner died before it came to the experiment's rollbacks"
        remedy = "put back by hand what the experiment's rollbacks were to put back"
        yield Finding("unsafe", words, remedy)


def _finish(fault: FaultArmed) -> str:
    """Return the command that finishes the job."""
    return f"chaos recover {fault.run or 'last'}"


_LOOK = "look at the targets of the experiment, and at the journal around the damage"
