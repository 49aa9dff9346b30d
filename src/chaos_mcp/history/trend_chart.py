"""A trend as a drawing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chaos_mcp.report.chart import GOOD, HEIGHT, SLOW, VERSION, WIDTH, drawing

if TYPE_CHECKING:
    from chaos_mcp.history.trend import Trend


def svg(found: Trend) -> str:
    """Return runs over time as SVG, with a rule where the metric changed."""
    points = [
        {
            "when": datetime.fromtimestamp(one.started, UTC).isoformat(),
            "value": value,
        }
        for one, value in zip(found.entries, found.values, strict=True)
    ]
    changes = [points[one.index] for one in found.changes]
    when = {"field": "when", "type": "temporal", "title": None}
    value = {"field": "value", "type": "quantitative", "title": found.metric.words}
    layers = [
        {
            "data": {"values": points},
            "mark": {"type": "line", "point": True, "color": GOOD},
            "encoding": {"x": when, "y": {**value, "scale": {"zero": False}}},
        },
        {
            "data": {"values": changes},
            "mark": {"type": "rule", "color": SLOW, "strokeDash": [4, 4]},
            "encoding": {"x": when},
        },
    ]
    drawn: str = drawing().vegalite_to_svg(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "background": "white",
            "title": found.title,
            "width": WIDTH,
            "height": HEIGHT,
            "layer": layers if changes else layers[:1],
        },
        vl_version=VERSION,
        allowed_base_urls=[],
    )
    return drawn
