"""The run as one HTML file: no network, opens from disk, to be shown to a colleague.

One section a module; each takes a reading and returns a piece of HTML.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from markupsafe import escape

from chaos_mcp.report.html.about import about
from chaos_mcp.report.html.data import drawn
from chaos_mcp.report.html.element import plain
from chaos_mcp.report.html.events import events
from chaos_mcp.report.html.faults import faults
from chaos_mcp.report.html.head import head
from chaos_mcp.report.html.impacts import impacts
from chaos_mcp.report.html.insights import insights
from chaos_mcp.report.html.losses import losses
from chaos_mcp.report.html.policy import asset, embedded, policy, scripts, styles
from chaos_mcp.report.html.resources import resources
from chaos_mcp.report.html.strip import strip
from chaos_mcp.report.html.traffic import traffic

if TYPE_CHECKING:
    from chaos_mcp.report.reading import Reading


def render(reading: Reading) -> str:
    """Return the page; whatever a target has said is only ever text in it."""
    started = reading.started
    data = drawn(reading)
    return Template(asset("page.html")).substitute(
        policy=policy(),
        styles=styles(),
        scripts=scripts(),
        data=embedded(data),
        verdict=reading.outcome.result,
        title=escape(plain(started.title)),
        run=escape(plain(started.run)),
        head=head(reading),
        strip=strip(reading),
        insights=insights(reading),
        impacts=impacts(reading),
        traffic=traffic(reading, data),
        resources=resources(reading),
        losses=losses(reading),
        faults=faults(reading),
        events=events(reading),
        about=about(reading),
    )
