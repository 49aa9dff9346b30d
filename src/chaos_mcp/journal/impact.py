"""What customers noticed: when traffic went bad, how bad, and when it was well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chaos_mcp.events import WorkloadSampled
from chaos_mcp.journal.model import Moment, Window
from chaos_mcp.journal.record import once
from chaos_mcp.journal.settings import settings_of
from chaos_mcp.journal.tally import (
    ENOUGH,
    goodness,
    quality,
    steady_from,
    tallies,
    whole,
)
from chaos_mcp.journal.traffic import flows
from chaos_mcp.journal.windows import windows
from chaos_mcp.journal.words import share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.journal.traffic import Flow

    Course = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Impact:
    """What one workload went through from the first harm on; times in run seconds."""

    workload: str
    first_bad: float | None = None
    """When the first bad request of the first bad second was due."""
    worst: float | None = None
    first_quality: float = 1.0
    """Goodput of the first bad second as a share of the baseline's."""
    worst_quality: float = 1.0
    well_again: float | None = None
    """From when on it was as good as before, after the last undo."""


@once
def impacts(events: Sequence[Event]) -> tuple[Impact, ...]:
    """Return what each workload went through; none without baseline or harm."""
    spans = windows(events)
    if spans.baseline is None or spans.fault is None:
        return ()
    hold = settings_of(events).hold
    found = (
        _impact(flow, spans.baseline, spans.fault, spans.recovery, hold)
        for flow in flows(events)
    )
    return tuple(impact for impact in found if impact)


def measured(window: Window | None, flows: Iterable[Flow]) -> Window | None:
    """Return the part of a window in which there was traffic; None if in none."""
    end = max((flow.end for flow in flows), default=0.0)
    if window is None or end <= window.start:
        return None
    return Window(window.start, min(window.end, end))


def _impact(
    flow: Flow, baseline: Window, fault: Window, recovery: Window | None, hold: float
) -> Impact | None:
    normal = goodness(whole(tallies([flow], baseline)))
    if not normal:
        return None
    harmed, after = measured(fault, [flow]), measured(recovery, [flow])
    later = _course(flow, after, normal)
    bad = [one for one in [*_course(flow, harmed, normal), *later] if one[1] < ENOUGH]
    if not bad:
        return Impact(flow.name)
    back = _well_again(after, later, hold)
    return replace(_of_bad(flow, bad), well_again=back)


def _course(flow: Flow, window: Window | None, normal: float) -> Course:
    """Return how good each second of a window was, beside what is normal."""
    if window is None:
        return []
    found = quality(tallies([flow], window), normal)
    return [(window.start + second, q) for second, q in enumerate(found)]


def _of_bad(flow: Flow, bad: Course) -> Impact:
    """Return the first and the worst of the seconds that were bad."""
    start, first = bad[0]
    at, worst = min(bad, key=lambda one: one[1])
    return Impact(
        flow.name,
        first_bad=first_bad(flow, start),
        first_quality=first,
        worst=at,
        worst_quality=worst,
    )


def _well_again(after: Window | None, course: Course, hold: float) -> float | None:
    if after is None:
        return None
    second = steady_from([q for _, q in course], hold)
    return None if second is None else after.start + second


def first_bad(flow: Flow, second: float) -> float:
    """Return when the first request of a second was due that was not good."""
    window = Window(second, second + 1)
    within = flow.between(window)
    pairs = zip(flow.due[within], flow.good(within), strict=True)
    bad = [due for due, good in pairs if not good] + flow.unheard(window)
    return max(second, min(bad, default=second))


def moments(events: Sequence[Event]) -> list[Moment]:
    """Return the moments at which traffic turned, for the timeline."""
    return [moment for impact in impacts(events) for moment in _moments(impact, events)]


def _moments(impact: Impact, events: Sequence[Event]) -> list[Moment]:
    if impact.first_bad is None or impact.worst is None:
        return []
    fell = f"{impact.workload}: goodput fell to {share(impact.first_quality)} of normal"
    found = [_moment(events, impact.first_bad, fell, "bad")]
    if impact.worst > impact.first_bad:
        worst = f"{impact.workload}: the worst second, goodput at"
        words = f"{worst} {share(impact.worst_quality)} of normal"
        found.append(_moment(events, impact.worst, words, "bad"))
    if impact.well_again is not None:
        words = f"{impact.workload}: goodput is back to normal"
        found.append(_moment(events, impact.well_again, words, "good"))
    return found


def _moment(events: Iterable[Event], at: float, title: str, tone: str) -> Moment:
    """Return a moment of traffic, tied to the first samples taken after it."""
    samples = (e for e in events if isinstance(e, WorkloadSampled))
    seq = next((e.seq for e in samples if e.at >= at), -1)
    return Moment(
        seq=seq,
        at=round(at, 6),
        lane="workload",
        tone="good" if tone == "good" else "bad",
        title=title,
        kind="workload.sampled",
    )
