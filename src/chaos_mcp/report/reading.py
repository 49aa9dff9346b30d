"""All that a report is made from: a journal and every pure reading of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.events import (
    FaultUndoFailed,
    ProbeMeasured,
    ResourcesMeasured,
    RunStarted,
    RunTakenOver,
    WorkloadSampled,
)
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.milestones import milestones
from chaos_mcp.journal.outcome import outcome
from chaos_mcp.journal.record import Record
from chaos_mcp.journal.settings import started
from chaos_mcp.journal.timeline import timeline
from chaos_mcp.journal.windows import bands, windows
from chaos_mcp.score.stability import score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.events import Event, FaultArmed
    from chaos_mcp.insight.model import FaultImpact, Insight
    from chaos_mcp.journal.model import Band, Milestone, Moment, Outcome, Windows
    from chaos_mcp.score.model import Score


@dataclass(frozen=True, slots=True)
class Reading:
    """One run, read: made by `read(events)`, the same bytes for the same journal."""

    events: tuple[Event, ...]
    told: tuple[Event, ...]
    """The events without those that no verdict, score or insight looks at."""
    started: RunStarted
    timeline: tuple[Moment, ...]
    windows: Windows
    bands: tuple[Band, ...]
    milestones: tuple[Milestone, ...]
    score: Score
    outcome: Outcome
    open_faults: tuple[FaultArmed, ...]
    impacts: tuple[FaultImpact, ...] = ()
    """What each fault did to each workload."""
    insights: tuple[Insight, ...] = ()


def read(events: Sequence[Event], known: Score | None = None) -> Reading:
    """Return every reading of a journal, be it whole, broken off or empty.

    Its score may be known already, which takes the longest.
    """
    events = Record(events)
    told = Record(_telling(events))
    scored = score(told) if known is None else known
    impacts, insights = _learned(told, scored)
    return Reading(
        events=events,
        told=told,
        started=started(told) or _unknown(told),
        timeline=timeline(events, told),
        windows=windows(told),
        bands=bands(told),
        milestones=milestones(told, scored),
        score=scored,
        outcome=outcome(told, scored),
        open_faults=tuple(open_faults(told)),
        impacts=impacts,
        insights=insights,
    )


def _telling(events: Record) -> list[Event]:
    """Return the events without those that no verdict, score or insight looks at.

    They are the answers of safeguards that were content, of which a long run may have
    a million and which the timeline tells, and what the machine's resources were.
    """
    last = events[-1] if events else None
    return [event for event in events if event is last or not _idle(event)]


def _idle(event: Event) -> bool:
    if isinstance(event, ProbeMeasured):
        return event.verdict == "held" and event.role == "safeguard"
    return isinstance(event, ResourcesMeasured)


def _learned(
    events: tuple[Event, ...], scored: Score
) -> tuple[tuple[FaultImpact, ...], tuple[Insight, ...]]:
    telling = RunTakenOver | FaultUndoFailed | WorkloadSampled
    if not any(isinstance(one, telling) for one in events):
        return (), ()
    from chaos_mcp.insight.read import learned  # noqa: PLC0415 - there is no need else

    return learned(events, scored)


def _unknown(events: Sequence[Event]) -> RunStarted:
    """Return a beginning for a record that has lost its own."""
    run = events[0].run if events else ""
    return RunStarted(title="(unknown)", experiment={}, run=run)
