"""Figures and their differences as people read them."""

from __future__ import annotations

from math import inf, isfinite, isnan
from typing import TYPE_CHECKING, Any

from chaos_mcp.journal.words import seconds

if TYPE_CHECKING:
    from chaos_mcp.history.compare import Difference, Judged
    from chaos_mcp.history.metrics import Metric

NONE = "-"
LEAST_CHANCE = 0.001
MANY = 9.0
"""From ten times as much on, the factor says more than percents."""


def figure(metric: Metric, value: float | None) -> str:
    """Return a figure with its unit."""
    if value is None or isnan(value):
        return NONE
    if value == inf:
        return "never"
    if metric.name.startswith("error-rate"):
        return f"{100 * value:.2f} %"
    if metric.name.startswith("throughput"):
        return f"{value:.1f}/s"
    if metric.scale == "points":
        return f"{value:.1f}"
    return seconds(value) if value else "0 s"


def change(metric: Metric, value: float) -> str:
    """Return a change with its sign: `+12.3 %`, `-4.5`, `+0.40 pp`."""
    if isnan(value):
        return NONE
    if not isfinite(value):
        return "for ever" if value > 0 else "at last"
    match metric.scale:
        case "ratio":
            return f"{100 * value:+.1f} %" if value < MANY else f"x {1 + value:.3g}"
        case "share":
            return f"{100 * value:+.2f} pp"
        case "points":
            return f"{value:+.1f}"
        case "seconds":
            return f"{value:+.1f} s"


def interval(one: Difference) -> str:
    """Return the interval of a change."""
    if isnan(one.change) or not isfinite(one.change):
        return NONE
    return f"{change(one.metric, one.low)} to {change(one.metric, one.high)}"


def chance(one: Difference) -> str:
    """Return how likely so bad a change is in a system that is the same."""
    if isnan(one.worse):
        return NONE
    return "< 0.001" if one.worse < LEAST_CHANCE else f"{one.worse:.3f}"


def sentence(one: Judged) -> str:
    """Return what became of a metric, with its figures, in one line."""
    found, metric = one.difference, one.difference.metric
    told = f"{figure(metric, found.before)} to {figure(metric, found.after)}"
    if isnan(found.change):
        return f"{metric.name}: {told}; {one.why}"
    moved = f"{change(metric, found.change)} (95 %: {interval(found)})"
    allowed = change(metric, one.tolerance * metric.worse)
    rest = f"; {one.why}" if one.why else ""
    return f"{metric.name}: {told}, {moved}, tolerated {allowed}{rest}"


def as_json(one: Judged) -> dict[str, Any]:
    """Return what became of a metric as JSON can hold it."""
    return {
        **difference_as_json(one.difference),
        "tolerance": one.tolerance,
        "verdict": one.verdict,
        "words": sentence(one),
    }


def difference_as_json(one: Difference) -> dict[str, Any]:
    """Return a difference as JSON can hold it: no number that is not finite."""
    return {
        "metric": one.metric.name,
        "before": _number(one.before),
        "after": _number(one.after),
        "change": _number(one.change),
        "low": _number(one.low),
        "high": _number(one.high),
        "p": _number(one.worse),
    }


def _number(value: float | None) -> float | str | None:
    if value is None or isnan(value):
        return None
    return round(value, 9) if isfinite(value) else "never"
