"""The milestones in a row, from a steady baseline to recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from chaos_mcp.report.html.element import NONE, el

if TYPE_CHECKING:
    from chaos_mcp.journal.model import Milestone
    from chaos_mcp.report.reading import Reading

SIGNS = {"good": "✓", "bad": "✕", "warn": "!", "plain": "•"}


def strip(reading: Reading) -> Markup:
    """Return the milestones; nothing where the record has none."""
    if not reading.milestones:
        return Markup()
    items = [_milestone(one) for one in reading.milestones]
    return el("ol", *items, css="strip", aria_label="Milestones")


def _milestone(one: Milestone) -> Markup:
    when = "never" if one.at is None else f"{one.at:.2f} s"
    sign = NONE if one.at is None and one.tone != "bad" else SIGNS[one.tone]
    dot = el("span", sign, css="dot", aria_hidden="true")
    inside = [dot, el("b", one.name), el("span", when, css="when")]
    if one.seq is not None:
        inside = [el("a", *inside, href=f"#e{one.seq}")]
    tone = one.tone if one.at is not None or one.tone == "bad" else "never"
    return el("li", *inside, css=tone)
