"""Limits on the score: what no figure makes up for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import ProbeMeasured
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.words import line
from chaos_mcp.score.model import Cap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.score.model import Settings

NOT_RECOVERED = 40.0
WRONG_DATA = 20.0
NOT_UNDONE = 0.0


def caps(
    events: Sequence[Event], settings: Settings, *, recovered: bool
) -> tuple[Cap, ...]:
    """Return the limits that apply, the lowest first."""
    found = [*_not_undone(events), *_wrong_data(events, settings)]
    if not recovered:
        found.append(Cap(NOT_RECOVERED, "the system was not seen to recover"))
    return tuple(found)


def _not_undone(events: Sequence[Event]) -> Iterator[Cap]:
    for fault in open_faults(events):
        yield Cap(NOT_UNDONE, f"the undo of {line(fault.name)} was not verified")


def _wrong_data(events: Sequence[Event], settings: Settings) -> Iterator[Cap]:
    broken = {
        event.name
        for event in events
        if isinstance(event, ProbeMeasured) and event.verdict == "deviated"
    }
    for name in settings.correctness:
        if name in broken:
            yield Cap(WRONG_DATA, f"data was wrong or lost: {line(name)} deviated")
