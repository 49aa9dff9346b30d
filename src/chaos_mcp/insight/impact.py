"""What each fault did to each workload, from the baseline to recovery."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chaos_mcp.events import ProbeMeasured, SafeguardTripped
from chaos_mcp.insight.figures import figures
from chaos_mcp.insight.model import FaultImpact
from chaos_mcp.journal.impact import first_bad, measured
from chaos_mcp.journal.model import Window
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
from chaos_mcp.journal.windows import bands, windows
from chaos_mcp.score.samples import quantile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Band
    from chaos_mcp.journal.traffic import Flow

SLOW = 2.0
"""Times the baseline's p95 from which the median of a second makes it a slow one."""
FEWEST = 5
"""Answers that a second must have for its median to say something."""


@once
def fault_impacts(events: Sequence[Event]) -> tuple[FaultImpact, ...]:
    """Return what each fault did to each workload, in order of injection.

    None without traffic, or where there is no baseline to compare with.
    """
    baseline, stood = windows(events).baseline, bands(events)
    if baseline is None:
        return ()
    hold = settings_of(events).hold
    found = (
        _impact(events, flow, baseline, band, stood, hold)
        for band in stood
        for flow in flows(events)
    )
    return tuple(one for one in found if one)


def _impact(
    events: Sequence[Event],
    flow: Flow,
    baseline: Window,
    band: Band,
    stood: Sequence[Band],
    hold: float,
) -> FaultImpact | None:
    before = measured(baseline, [flow])
    during = measured(Window(band.start, band.end), [flow])
    normal = goodness(whole(tallies([flow], before))) if before else None
    if before is None or during is None or not normal:
        return None
    after = measured(_after(events, band, stood), [flow])
    impact = _of_traffic(flow, band, before, during, normal)
    return replace(
        impact,
        after=figures(flow, after) if after else None,
        time_to_detect=_detected(events, band),
        time_to_recover=_recovered(flow, after, normal, hold),
        beside=tuple(one.name for one in stood if one is not band and _meet(one, band)),
    )


def _of_traffic(
    flow: Flow, band: Band, before: Window, during: Window, normal: float
) -> FaultImpact:
    """Return what traffic alone tells: before, and while the fault stood."""
    usual = figures(flow, before)
    course = list(quality(tallies([flow], during), normal))
    return FaultImpact(
        fault=band.fault,
        name=band.name,
        workload=flow.name,
        window=Window(band.start, band.end),
        before=usual,
        during=figures(flow, during),
        after=None,
        time_to_effect=_effect(flow, during, course, usual.p95),
        time_to_detect=None,
        time_to_recover=None,
        worst=min(course, default=1.0),
        beside=(),
    )


def _meet(one: Band, other: Band) -> bool:
    return one.start < other.end and other.start < one.end


def _after(events: Sequence[Event], band: Band, stood: Sequence[Band]) -> Window | None:
    """Return from the undo to the next injection, or to the end of recovery."""
    recovery = windows(events).recovery
    starts = [one.start for one in stood if one.start >= band.end]
    end = min([*starts, *([recovery.end] if recovery else [])], default=band.end)
    return Window(band.end, end) if band.verified and end > band.end else None


def _effect(
    flow: Flow, during: Window, course: Sequence[float], p95: float | None
) -> float | None:
    """Return when the first second began that was bad or slow, since the injection.

    To the request: it is when the first bad request of that second was due.
    """
    for second, q in enumerate(course):
        start = during.start + second
        if q < ENOUGH:
            return round(first_bad(flow, start) - during.start, 6)
        if p95 is not None and _median(flow, start) > SLOW * p95:
            return float(second)
    return None


def _median(flow: Flow, start: float) -> float:
    took = sorted(flow.took[flow.between(Window(start, start + 1))])
    middle = quantile(took, 0.5) if len(took) >= FEWEST else None
    return middle or 0.0


def _detected(events: Sequence[Event], band: Band) -> float | None:
    detector = settings_of(events).detector
    seen = _sightings(events, detector)
    return next((round(at - band.start, 6) for at in seen if at >= band.start), None)


def _sightings(events: Sequence[Event], detector: str | None) -> Iterator[float]:
    for event in events:
        match event:
            case ProbeMeasured(role="hypothesis", verdict="deviated"):
                if detector in (None, event.name):
                    yield event.at
            case SafeguardTripped() if detector is None:
                yield event.at
            case _:
                pass


def _recovered(
    flow: Flow, after: Window | None, normal: float, hold: float
) -> float | None:
    if after is None:
        return None
    back = steady_from(quality(tallies([flow], after), normal), hold)
    return None if back is None else float(back)
