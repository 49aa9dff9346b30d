"""The ledger: which faults are still open, by what the journal says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import FaultArmed, FaultInjected, FaultUndone, FaultVerified

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaos_mcp.events import Event


def open_faults(events: Iterable[Event]) -> list[FaultArmed]:
    """Return the faults armed and not seen to be gone, newest first.

    An undo alone closes nothing: only `fault.verified` does.
    """
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
    return list(reversed(ledger.values()))


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
