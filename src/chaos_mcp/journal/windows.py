"""The stretches of a run: before the harm, under it, and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import (
    ActionStarted,
    FaultArmed,
    FaultInjected,
    FaultProven,
    FaultUndone,
    FaultVerified,
    PhaseStarted,
    RunEnded,
    WorkloadStarted,
)
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.model import Band, Window, Windows
from chaos_mcp.journal.record import once
from chaos_mcp.journal.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.terms import Phase


@once
def windows(events: Sequence[Event]) -> Windows:
    """Return the three stretches that a score compares.

    The harm begins when the first injection was begun and ends when the last undo
    was verified. Where only actions perturb, it is taken to last from the first of
    them to the end of the inject phase: nothing says when they ceased to act.
    """
    start, end = _harm(events)
    return Windows(
        baseline=_window(_settled(events), _first_touch(events)),
        fault=_window(start, end),
        recovery=_window(end, _end_of_recovery(events, end)),
    )


@once
def bands(events: Sequence[Event]) -> tuple[Band, ...]:
    """Return from when to when each fault stood, in order of injection.

    One whose undo was not verified is taken to stand to the end of the record.
    """
    proven = {event.fault for event in events if isinstance(event, FaultProven)}
    closed = {
        event.fault: event.at for event in events if isinstance(event, FaultVerified)
    }
    undone = {
        event.fault: event.at for event in events if isinstance(event, FaultUndone)
    }
    gone = {fault: undone.get(fault, at) for fault, at in closed.items()}
    return tuple(
        Band(
            fault=event.fault,
            name=event.name,
            start=_began(event),
            end=gone.get(event.fault, _end(events)),
            proven=event.fault in proven,
            verified=event.fault in closed,
        )
        for event in events
        if isinstance(event, FaultInjected)
    )


def _window(start: float | None, end: float | None) -> Window | None:
    if start is None or end is None or end <= start:
        return None
    return Window(start, end)


def _began(injected: FaultInjected) -> float:
    """Return when the harm may have begun to act: before the injecting was over."""
    return round(injected.at - injected.duration, 6)


def _harm(events: Sequence[Event]) -> tuple[float | None, float | None]:
    begins = [_began(event) for event in events if isinstance(event, FaultInjected)]
    if begins:
        return min(begins), _end_of_faults(events)
    acts = _acts(events)
    if not acts:
        return None, None
    return min(acts), _phase(events, "recovery", "rollbacks") or _end(events)


def _end_of_faults(events: Sequence[Event]) -> float:
    if open_faults(events):
        return _end(events)
    verified = [event.at for event in events if isinstance(event, FaultVerified)]
    return max(verified, default=_end(events))


def _acts(events: Iterable[Event]) -> list[float]:
    """Return when the method's actions were begun."""
    return [
        event.at
        for event in events
        if isinstance(event, ActionStarted) and event.role == "method"
    ]


def _settled(events: Sequence[Event]) -> float | None:
    """Return when the system counts as warmed up."""
    traffic = [event.at for event in events if isinstance(event, WorkloadStarted)]
    if traffic:
        return min(traffic) + settings_of(events).warm_up
    return _phase(events, "baseline")


def _first_touch(events: Sequence[Event]) -> float | None:
    """Return when the system may first have been touched; armed counts."""
    armed = [event.at for event in events if isinstance(event, FaultArmed)]
    begun = [_began(event) for event in events if isinstance(event, FaultInjected)]
    touched = [*armed, *begun, *_acts(events)]
    if touched:
        return min(touched)
    return _phase(events, "inject", "recovery", "rollbacks") or _end(events)


def _end_of_recovery(events: Sequence[Event], since: float | None) -> float | None:
    if since is None or open_faults(events):
        return None
    ends = [
        event.at
        for event in events
        if event.at >= since
        and (
            isinstance(event, RunEnded)
            or (isinstance(event, PhaseStarted) and event.phase == "rollbacks")
        )
    ]
    return min(ends) if ends else _end(events)


def _phase(events: Iterable[Event], *phases: Phase) -> float | None:
    """Return when the first of these phases began."""
    for event in events:
        if isinstance(event, PhaseStarted) and event.phase in phases:
            return event.at
    return None


def _end(events: Sequence[Event]) -> float:
    return max((event.at for event in events), default=0.0)
