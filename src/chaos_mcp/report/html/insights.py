"""What the run taught, each sentence with links to the moments that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from chaos_mcp.report.html.element import el, join
from chaos_mcp.report.html.next_steps import capital
from chaos_mcp.report.html.strip import SIGNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.insight.model import Insight
    from chaos_mcp.report.reading import Reading

MOST_LINKS = 6
"""Moments of one insight that are linked to."""


def insights(reading: Reading) -> Markup:
    """Return the insights as a list; nothing where there are none."""
    if not reading.insights:
        return Markup()
    wanted = {seq for one in reading.insights for seq in one.evidence}
    times = {event.seq: event.at for event in reading.told if event.seq in wanted}
    items = [_insight(one, times) for one in reading.insights]
    return el(
        "section",
        el("h2", "What the run shows", id="insights"),
        el("ul", *items, css="insights"),
        aria_labelledby="insights",
    )


def _insight(one: Insight, times: Mapping[int, float]) -> Markup:
    sign = el("span", SIGNS[one.tone], css=f"sign t-{one.tone}", aria_hidden="true")
    advice = el("p", f"→ {capital(one.advice)}", css="advice") if one.advice else None
    links = [_link(seq, times[seq]) for seq in one.evidence if seq in times]
    shown = join(["Shown at ", join(links[:MOST_LINKS], ", "), " · rule "], "")
    told = el("p", shown, el("code", one.rule), css="note")
    return el("li", sign, el("div", el("p", capital(one.sentence)), advice, told))


def _link(seq: int, at: float) -> Markup:
    """Return a link to an event, which is in the table or else on the charts."""
    return el("a", f"{at:.2f} s", href=f"#e{seq}", data_at=f"{at:.3f}")
