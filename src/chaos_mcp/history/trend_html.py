"""How an experiment's runs have changed, as one HTML file: no network, from disk."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from chaos_mcp.report.html.element import NONE, el, join, plain
from chaos_mcp.report.html.policy import asset, embedded, policy, scripts, styles
from chaos_mcp.report.html.table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chaos_mcp.history.trend_panels import Panel, Point

    Link = Callable[[str], str | None]

STYLES = ("uPlot.min.css", "base.css", "trend.css")
SCRIPTS = ("uPlot.iife.min.js", "trend.js")
HEADS = ("run", "verdict", "#figure", "95 % interval", "change")


def page(title: str, panels: Sequence[Panel]) -> str:
    """Return the page; what an experiment calls itself is only ever text in it."""
    return Template(asset("trend.html")).substitute(
        policy=policy(SCRIPTS, STYLES),
        styles=styles(STYLES),
        scripts=scripts(SCRIPTS),
        title=escape(plain(title)),
        sections=sections(panels),
        data=data(panels),
    )


def sections(panels: Sequence[Panel], link: Link = lambda _: None) -> Markup:
    """Return a section for each metric; `link` says where a run's report is, if any."""
    if not panels:
        return el("p", "None of these runs has figures.")
    return join(_section(one, link) for one in panels)


def data(panels: Sequence[Panel]) -> Markup:
    """Return what the script draws."""
    return embedded([one.drawn() for one in panels])


def _section(one: Panel, link: Link) -> Markup:
    name = f"m-{one.name.replace('@', '-')}"
    rows = table(HEADS, [_row(point, link) for point in reversed(one.points)])
    return el(
        "section",
        el("h2", _capital(one.title), id=name),
        el("p", one.said, css="note"),
        el("div", css="trend-chart", data_metric=one.name),
        el("p", "", css="note told", role="status"),
        el("details", el("summary", "The same as a table, the latest first"), rows),
        aria_labelledby=name,
    )


def _row(one: Point, link: Link) -> tuple[object, ...]:
    where = link(one.run)
    when = el("a", one.when, href=where) if where else el("span", one.when)
    run = join([when, el("span", f" {one.run}", css="soft")], "")
    verdict = el("span", f"{one.sign} {one.verdict}", css=f"t-{one.tone}")
    return run, verdict, one.figure, one.interval, one.changed or NONE


def _capital(text: str) -> str:
    """Return a sentence's beginning; p95 stays as it is."""
    return text if text[1:2].isdigit() else text[:1].upper() + text[1:]
