"""Every metric of an experiment, run after run: figures to draw, and the same said."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import exp, isfinite
from typing import TYPE_CHECKING, Any

from chaos_mcp.history.compare import CONFIDENCE
from chaos_mcp.history.metrics import METRICS
from chaos_mcp.history.student import quantile
from chaos_mcp.history.trend import trend
from chaos_mcp.history.words import figure
from chaos_mcp.report.html.element import plain
from chaos_mcp.report.html.head import SIGNS, TONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.history.change_points import ChangePoint
    from chaos_mcp.history.entry import Entry
    from chaos_mcp.history.metrics import Metric
    from chaos_mcp.history.trend import Trend

MOST = 100
"""Runs that are looked at, the latest: the orders of many more take long to try."""
KEYS = {"points": "points", "seconds": "seconds", "share": "share"}


@dataclass(frozen=True, slots=True)
class Point:
    """One run's figure."""

    run: str
    when: str
    at: float
    """Seconds since the epoch."""
    verdict: str
    sign: str
    tone: str
    value: float
    low: float
    high: float
    figure: str
    interval: str
    changed: str
    """How it changed with this run for good, if it did."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One metric."""

    name: str
    title: str
    said: str
    form: str
    """How figures on the axis are written: points, seconds, share, rate."""
    points: tuple[Point, ...]

    def drawn(self) -> dict[str, Any]:
        """Return what the script draws."""
        columns: dict[str, list[Any]] = {
            name: [getattr(one, name) for one in self.points]
            for name in ("run", "at", "tone", "value", "low", "high", "changed")
        }
        told = [f"{p.when}, {p.verdict}: {p.figure} {p.interval}" for p in self.points]
        return {"id": self.name, "form": self.form, **columns, "told": told}


def panels(
    entries: Sequence[Entry],
    first: str = "score",
    seed: int = 0,
    *,
    across_profiles: bool = False,
) -> list[Panel]:
    """Return a panel for each metric that the latest runs have, `first` first.

    Raise `ChaosError` as `trend` does: runs of several experiments are refused.
    """
    latest = entries[-MOST:]
    names = [first, *(name for name in METRICS if name != first)]
    found = [
        trend(latest, name, seed, across_profiles=across_profiles) for name in names
    ]
    return [_panel(one) for one in found if one.values]


def _panel(found: Trend) -> Panel:
    changes = {one.index: one for one in found.changes}
    points = tuple(
        _point(found, place, changes.get(place)) for place in range(len(found.values))
    )
    metric = found.metric
    rate = "rate" if metric.name.startswith("throughput") else "seconds"
    form = KEYS.get(metric.scale, rate)
    said = " ".join(_sentences(found, points))
    return Panel(metric.name, metric.words, said, form, points)


def _point(found: Trend, place: int, change: ChangePoint | None) -> Point:
    entry, value, metric = found.entries[place], found.values[place], found.metric
    low, high = _ends(entry, metric, value)
    return Point(
        run=plain(entry.run),
        when=time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.started)),
        at=entry.started,
        verdict=plain(entry.verdict),
        sign=SIGNS.get(entry.verdict, "?"),
        tone=TONES.get(entry.verdict, "bad"),
        value=value,
        low=low,
        high=high,
        figure=figure(metric, value),
        interval=f"({figure(metric, low)} to {figure(metric, high)})",
        changed=_changed(found, change) if change else "",
    )


def _ends(entry: Entry, metric: Metric, value: float) -> tuple[float, float]:
    """Return the ends of a figure's 95 % interval, the score's by its own."""
    if metric.name == "score" and entry.low is not None and entry.high is not None:
        return entry.low, entry.high
    known = entry.figures[metric.name]
    wide = quantile(0.5 + CONFIDENCE / 2, known.freedom) * known.error
    if not isfinite(wide):
        return value, value
    if metric.scale == "ratio":  # whose error is one of its logarithm
        return value * exp(-wide), value * exp(wide)
    return max(0.0, value - wide), value + wide


def _changed(found: Trend, change: ChangePoint) -> str:
    metric = found.metric
    moved = f"{figure(metric, change.before)} to {figure(metric, change.after)}"
    worse = (change.after - change.before) * metric.worse > 0
    return f"{'worse' if worse else 'better'}: {moved}"


def _sentences(found: Trend, points: Sequence[Point]) -> list[str]:
    """Return what the chart shows, for those who do not see it."""
    low, high = (figure(found.metric, end(found.values)) for end in (min, max))
    last = points[-1].figure
    said = [f"{len(points)} runs, between {low} and {high}; the last {last}."]
    changed = [f"Since {one.when} {one.changed}." for one in points if one.changed]
    said += changed or ["No change that could not be chance."]
    if found.left_out:
        words = "runs without it, or measured by other things, are left out."
        said.append(f"{found.left_out} {words}")
    return said
