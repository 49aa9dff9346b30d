"""A trend as a drawing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chaos_mcp.report.chart import GOOD, HEIGHT, SLOW, VERSION, WIDTH, drawing

if TYPE_CHECKING:
    from chaos_mcp.history.trend import Trend

WHEN = {"field": "when", "type": "temporal", "title": None}

Drawn = dict[str, Any]


def svg(found: Trend) -> str:
    """Return runs over time as SVG, with a rule where the metric changed."""
    drawn: str = drawing().vegalite_to_svg(
        _spec(found), vl_version=VERSION, allowed_base_urls=[]
    )
    return drawn


def _spec(found: Trend) -> Drawn:
    points = _points(found)
    changes = [points[one.index] for one in found.changes]
    line = _line(points, found.metric.words)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "title": found.title,
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [line, _rules(changes)] if changes else [line],
    }


def _points(found: Trend) -> list[Drawn]:
    return [
        {
            "when": datetime.fromtimestamp(one.started, UTC).isoformat(),
            "value": value,
        }
        for one, value in zip(found.entries, found.values, strict=True)
    ]


def _line(points: list[Drawn], title: str) -> Drawn:
    value = {"field": "value", "type": "quantitative", "title": title}
    return {
        "data": {"values": points},
        "mark": {"type": "line", "point": True, "color": GOOD},
        "encoding": {"x": WHEN, "y": {**value, "scale": {"zero": False}}},
    }


def _rules(changes: list[Drawn]) -> Drawn:
    return {
        "data": {"values": changes},
        "mark": {"type": "rule", "color": SLOW, "strokeDash": [4, 4]},
        "encoding": {"x": WHEN},
    }
