"""Figures beside the score: outage in seconds, burn rate, and what normal was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.journal.tally import goodness, quality
from chaos_mcp.score.samples import quantile

if TYPE_CHECKING:
    from chaos_mcp.score.samples import Samples, Stretch


def outage_seconds(found: Samples) -> float:
    """Return the integral of 1 - Q from the first harm on, in seconds.

    A brown-out to one half for ten seconds costs as much as five seconds of nothing.
    """
    normal = baseline_share(found)
    if normal is None:
        return 0.0
    lost = (
        (1 - q) * width
        for stretch in (found.fault, found.recovery)
        if stretch
        for q, width in zip(
            quality(stretch.seconds, normal), _widths(stretch), strict=True
        )
    )
    return round(sum(lost), 6)


def _widths(stretch: Stretch) -> list[float]:
    """Return how long each second of a stretch is; the last may differ."""
    length = len(stretch.seconds)
    span = stretch.window.end - stretch.window.start
    return [1.0] * (length - 1) + [span - (length - 1)]


def burn_rate(found: Samples) -> float | None:
    """Return how much faster than promised the error budget was used under harm.

    1 is exactly as fast as the promise allows. None where nothing was measured, or
    where no failure at all was promised.
    """
    if found.fault is None:
        return None
    window, under = found.fault.window, found.fault.whole
    allowed = sum(
        max(0.0, 1 - flow.promise.availability) * flow.count(window)
        for flow in found.flows
    )
    return round((under.due - under.good) / allowed, 6) if allowed > 0 else None


def baseline_share(found: Samples) -> float | None:
    """Return the share of good requests in the baseline; None without any."""
    return (goodness(found.baseline.whole) if found.baseline else None) or None


def baseline_goodput(found: Samples) -> float | None:
    """Return good requests a second in the baseline."""
    if found.baseline is None:
        return None
    window = found.baseline.window
    return round(found.baseline.whole.good / (window.end - window.start), 6)


def baseline_p95(found: Samples) -> float | None:
    """Return the baseline's p95 in seconds, of all workloads' answers together."""
    if found.baseline is None:
        return None
    window = found.baseline.window
    answered = [
        latency
        for flow in found.flows
        for latency, fine in zip(
            flow.latency[flow.between(window)],
            flow.succeeded[flow.between(window)],
            strict=True,
        )
        if fine
    ]
    return quantile(sorted(answered), 0.95)
