"""The ledger: which faults are still open, by what the journal says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import (
    FaultArmed,
    FaultInjected,
    FaultUndone,
    FaultVerified,
    PartStarted,
    PartStopped,
)
from chaos_mcp.journal.record import once

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaos_mcp.events import Event


def open_faults(events: Iterable[Event]) -> list[FaultArmed]:
    """Return the faults armed and not seen to be gone, newest first.

    An undo alone closes nothing: only `fault.verified` does.
    """
    return [*_open_faults(events)]


@once
def _open_faults(events: Iterable[Event]) -> tuple[FaultArmed, ...]:
    ledger: dict[str, FaultArmed] = {}
    for event in events:
        match event:
            case FaultArmed():
                ledger.pop(event.fault, None)
                ledger[event.fault] = event
            case FaultVerified():
                ledger.pop(event.fault, None)
            case _:
                pass
    return tuple(reversed(ledger.values()))


def open_parts(events: Iterable[Event]) -> list[PartStarted]:
    """Return what the run has started of its own system and not ended, newest first.

    A process that ended by itself is gone, too.
    """
    running: dict[tuple[str, str], PartStarted] = {}
    for event in events:
        match event:
            case PartStarted():
                running[event.part, event.name] = event
            case PartStopped():
                running.pop((event.part, event.name), None)
            case _:
                pass
    return list(reversed(running.values()))


def anything_open(events: Iterable[Event]) -> bool:
    """Tell whether somebody has to put back, or end, what the run has done."""
    seen = list(events)
    return bool(open_faults(seen) or open_parts(seen))


def standing(events: Iterable[Event]) -> list[FaultInjected]:
    """Return the faults injected and not taken back, newest first."""
    harm: dict[str, FaultInjected] = {}
    for event in events:
        match event:
            case FaultInjected():
                harm[event.fault] = event
            case FaultUndone() | FaultVerified():
                harm.pop(event.fault, None)
            case _:
                pass
    return list(reversed(harm.values()))
