"""What probes measured in figures, over time: queues, memory, load, of whatever."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from chaos_mcp.journal.answers import answers
from chaos_mcp.report.downsample import thinned
from chaos_mcp.report.html.element import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chaos_mcp.events import Event, ProbeMeasured

FEWEST = 3
"""Answers that make a line."""
MOST = 8
"""Probes that have a chart."""
SHORT = 60
FIGURES = (int, float)

Points = list[tuple[float, float]]


def measures(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Yield a chart for each probe that was asked often and answered in figures."""
    found: dict[str, Points] = {}
    for (_, name), asked in answers(events).items():
        found[name] = sorted([*found.get(name, ()), *_points(asked)])
    telling = [(name, points) for name, points in found.items() if _telling(points)]
    for number, (name, points) in enumerate(telling[:MOST]):
        yield _panel(number, name, points)


def _points(asked: Iterable[ProbeMeasured]) -> Points:
    # Not `isinstance`, to which a truth value is a figure too.
    return [
        (one.at, value)
        for one in asked
        if type(value := one.value) in FIGURES and isfinite(value)
    ]


def _telling(points: Points) -> bool:
    return len(points) >= FEWEST and any(value != points[0][1] for _, value in points)


def _panel(number: int, name: str, points: Points) -> dict[str, Any]:
    kept = thinned(points)
    values = [float(f"{value:.6g}") for _, value in kept]
    line = {"label": "measured", "color": "purple", "values": values, "points": True}
    return {
        "id": f"probe-{number}",
        "title": f"Probe: {plain(name, SHORT)}",
        "form": "figure",
        "x": [round(at, 3) for at, _ in kept],
        "series": [line],
    }
