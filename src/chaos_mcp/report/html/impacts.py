"""What each fault did to each workload: before, under it, and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from chaos_mcp.journal.words import seconds, share
from chaos_mcp.report.html.element import NONE, el, join
from chaos_mcp.report.html.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.model import FaultImpact, Figures
    from chaos_mcp.report.reading import Reading

HEADS = ("fault and workload", "window", "#errors", "#good/s", "#p50", "#p95", "#p99")
COURSE = ("#to effect", "#to detect", "#to recover", "#worst second")
MOST = 50
"""Impacts that are listed."""


def impacts(reading: Reading) -> Markup:
    """Return the impacts as a table; nothing where there are none."""
    found = reading.impacts[:MOST]
    if not found:
        return Markup()
    rows = [row for one in found for row in _rows(one)]
    course = [(_name(one), *_course(one)) for one in found]
    return el(
        "section",
        el("h2", "What each fault did to traffic", id="impacts"),
        table(HEADS, rows, css="broad"),
        table(("fault and workload", *COURSE), course, caption="How it went"),
        el("p", "Latencies are those of requests that succeeded.", css="note"),
        aria_labelledby="impacts",
    )


def _name(one: FaultImpact) -> Markup:
    beside = f" beside {', '.join(one.beside)}" if one.beside else ""
    return join([el("b", one.name), el("span", f" {one.workload}{beside}", css="soft")])


def _rows(one: FaultImpact) -> Iterator[tuple[object, ...]]:
    yield _name(one), "before", *_figures(one.before)
    yield "", "under it", *_figures(one.during)
    if one.after is not None:
        yield "", "after", *_figures(one.after)


def _figures(found: Figures) -> tuple[str, ...]:
    times = (found.p50, found.p95, found.p99)
    return share(found.error_rate), f"{found.goodput:.4g}", *map(_time, times)


def _course(one: FaultImpact) -> tuple[str, ...]:
    times = (one.time_to_effect, one.time_to_detect, one.time_to_recover)
    return *map(_time, times), f"{share(one.worst)} of normal"


def _time(value: float | None) -> str:
    return NONE if value is None else seconds(value)
