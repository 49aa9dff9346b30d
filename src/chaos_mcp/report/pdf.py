"""The run's chart as PDF, for paper: needs the extra `charts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.report.chart import VERSION, drawing, spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.report.reading import Reading


def pieces(reading: Reading) -> Iterator[bytes]:
    """Yield the chart; what a target has said is only ever text in it."""
    yield drawing().vegalite_to_pdf(
        spec(reading), vl_version=VERSION, allowed_base_urls=[]
    )
