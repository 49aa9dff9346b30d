"""All that a report is made from: a journal and every pure reading of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_mcp.events import Event, FaultArmed, RunStarted
    from chaos_mcp.journal.model import Band, Milestone, Moment, Outcome, Windows
    from chaos_mcp.score.model import Score


@dataclass(frozen=True, slots=True)
class Reading:
    """One run, read: made by `read(events)`, the same bytes for the same journal."""

    events: tuple[Event, ...]
    started: RunStarted
    timeline: tuple[Moment, ...]
    windows: Windows
    bands: tuple[Band, ...]
    milestones: tuple[Milestone, ...]
    score: Score
    outcome: Outcome
    open_faults: tuple[FaultArmed, ...]
