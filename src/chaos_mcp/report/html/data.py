"""What the charts draw: panels of lines, and lanes, all over the run's seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.report.html.element import plain
from chaos_mcp.report.html.lanes import lanes
from chaos_mcp.report.html.measures import measures
from chaos_mcp.report.html.panels import panels
from chaos_mcp.report.html.resources import resource_panels

if TYPE_CHECKING:
    from chaos_mcp.report.reading import Reading

SHORT = 60


def drawn(reading: Reading) -> dict[str, Any]:
    """Return all that the scripts draw; texts of others are only ever drawn as text."""
    end = max((event.at for event in reading.told), default=0.0)
    return {
        "end": round(end, 3),
        "bands": [
            {
                "name": plain(band.name, SHORT),
                "start": round(band.start, 3),
                "end": round(band.end, 3),
            }
            for band in reading.bands
        ],
        "panels": [
            *panels(reading),
            *resource_panels(reading.events),
            *measures(reading.events),
        ],
        "lanes": lanes(reading),
    }
