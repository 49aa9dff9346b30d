"""The run's chart as SVG, which scales: needs the extra `charts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.report.chart import VERSION, drawing, spec

if TYPE_CHECKING:
    from chaos_mcp.report.reading import Reading


def render(reading: Reading) -> str:
    """Return the chart; what a target has said is only ever text in it."""
    text: str = drawing().vegalite_to_svg(
        spec(reading), vl_version=VERSION, allowed_base_urls=[]
    )
    return text
