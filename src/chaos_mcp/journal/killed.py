"""Which parts of the system a fault has killed, as it was meant to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import FaultArmed, FaultUndoing, PartStarted, PartStopped
from chaos_mcp.journal.fault_sentences import label
from chaos_mcp.journal.model import Moment
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chaos_mcp.events import JSON, Event

KILLS = "process.kill"


def kills(events: Sequence[Event]) -> Mapping[int, Moment]:
    """Return, by the number of the event of its end, how a part was killed."""
    ends: dict[int, Moment] = {}
    pids: dict[str, int | None] = {}
    standing: dict[str, FaultArmed] = {}
    for event in events:
        match event:
            case FaultArmed():
                if event.spec.get("fault") == KILLS:
                    standing[event.fault] = event
            case FaultUndoing():
                standing.pop(event.fault, None)
            case PartStarted(part="process"):
                pids[event.name] = event.pid
            case PartStopped(part="process", clean=False):
                for fault in standing.values():
                    if pids.get(event.name) in _aimed_at(fault.memo):
                        ends[event.seq] = _kill(event, fault)
            case _:
                pass
    return ends


def _kill(event: PartStopped, fault: FaultArmed) -> Moment:
    title = f"{event.part} {line(event.name)} was killed by {label(fault)}"
    detail = line(event.detail)
    return Moment(event.seq, event.at, "system", "plain", title, detail, event.kind)


def _aimed_at(memo: Mapping[str, JSON]) -> list[JSON]:
    """Return the numbers of the processes that a fault has remembered."""
    listed = memo.get("processes")
    if not isinstance(listed, list):
        return []
    return [one["pid"] for one in listed if isinstance(one, dict) and "pid" in one]
