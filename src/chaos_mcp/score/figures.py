"""The figures of a run with traffic: its score, if there is a number, and the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chaos_mcp.journal.settings import started
from chaos_mcp.score.caps import NOT_UNDONE, caps
from chaos_mcp.score.case import Case
from chaos_mcp.score.damage import (
    baseline_goodput,
    baseline_p95,
    baseline_share,
    burn_rate,
    outage_seconds,
)
from chaos_mcp.score.detection import detected_after, detection
from chaos_mcp.score.missing import missing
from chaos_mcp.score.model import Score
from chaos_mcp.score.parts import Course, Terms, course_of
from chaos_mcp.score.profile import profile
from chaos_mcp.score.running import Row, row
from chaos_mcp.score.samples import samples
from chaos_mcp.score.series import latencies, series
from chaos_mcp.score.waterfall import waterfall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.score.model import Cap, Settings
    from chaos_mcp.score.samples import Samples

TOLERANCE = 0.5
"""Seconds by which recovery may have been watched for less than the hold time."""


def figures(events: Sequence[Event], settings: Settings, resamples: int) -> Score:
    """Return how stable the system stayed, or why there is no number."""
    found = samples(events)
    terms = _terms(events, settings, found)
    course = _course(found, terms)
    recovered = course.back is not None or not terms.waited
    limits = caps(events, settings, recovered=recovered)
    unscored = replace(
        _damage(found, settings, terms),
        missing=missing(events, settings, found),
        recovery_time=None if course.back is None else float(course.back),
        recovered=recovered,
    )
    if unscored.missing or found.baseline is None or found.fault is None:
        return _without_measure(unscored, limits)
    case = Case(found.baseline, found.fault, course, terms, limits)
    return _scored(unscored, case, _seed(events), resamples)


def _damage(found: Samples, settings: Settings, terms: Terms) -> Score:
    """Return what was measured, be there a number or not."""
    return Score(
        value=None,
        low=None,
        high=None,
        profile=profile(settings, terms.weights),
        outage_seconds=outage_seconds(found),
        burn_rate=burn_rate(found),
        seconds=series(found.flows),
        baseline_p95=baseline_p95(found),
        baseline_goodput=baseline_goodput(found),
        latencies=latencies(found.flows, found.spans),
    )


def _scored(unscored: Score, case: Case, seed: int, resamples: int) -> Score:
    low, high = case.interval(seed, resamples)
    return replace(
        unscored,
        value=case.value,
        low=low,
        high=high,
        parts=waterfall(case),
        caps=case.caps,
    )


def _without_measure(unscored: Score, limits: Sequence[Cap]) -> Score:
    """Return no number, or 0 where something may still be broken."""
    open_still = tuple(cap for cap in limits if cap.at == NOT_UNDONE)
    if not open_still or not unscored.seconds:
        return unscored
    return replace(unscored, value=0.0, low=0.0, high=0.0, caps=open_still, missing=())


def _seed(events: Sequence[Event]) -> int:
    begun = started(events)
    return begun.seed if begun else 0


def _terms(events: Sequence[Event], settings: Settings, found: Samples) -> Terms:
    fault, recovery = found.spans.fault, found.recovery
    hold = min(settings.hold, settings.rto)
    span = recovery.window.end - recovery.window.start if recovery else 0.0
    watched = recovery is not None and baseline_share(found) is not None
    return Terms(
        rto=settings.rto,
        hold=hold,
        allowance=found.allowance,
        waited=watched and span >= hold - TOLERANCE,
        detection=detection(events, settings, fault),
        detected=detected_after(events, settings.detector, fault),
    )


def _course(found: Samples, terms: Terms) -> Course:
    if found.recovery is None or found.baseline is None:
        return Course(Row(), None)
    return course_of(row(found.recovery.seconds), found.baseline.whole, terms.hold)
