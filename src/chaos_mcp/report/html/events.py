"""The moments of the run as a table that can be filtered and linked to."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import TYPE_CHECKING

from chaos_mcp.report.html.element import el, join
from chaos_mcp.report.html.telling import telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from markupsafe import Markup

    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Moment
    from chaos_mcp.report.reading import Reading

SIGNS = {"good": "✓", "bad": "✕", "warn": "!", "plain": ""}
COLUMNS = {"sent", "latency", "result"}
"""What is left out of an event as it was written, since it is long."""
UNTOLD = ("workload.sampled", "run.started")
"""Events that are too long, and shown elsewhere."""
ROOM = 1_000_000
"""Characters of events as they were written that a page has room for."""


def events(reading: Reading) -> Markup:
    """Return the table, its filter, and how much is only in the journal."""
    moments = telling(reading.timeline)
    more = len(reading.timeline) - len(moments)
    heads = [el("th", "seconds", scope="col", css="n"), el("th", "lane", scope="col")]
    heads.append(el("th", "what happened", scope="col"))
    rows = el("tbody", *_rows(moments, reading))
    table = el("table", el("thead", el("tr", *heads)), rows, id="events")
    return join(
        [
            _filter(moments),
            el(
                "div",
                table,
                css="scroll",
                tabindex=0,
                role="group",
                aria_label="Events",
            ),
            el("p", f"{more} more are in the journal.", css="note") if more else None,
        ]
    )


def _filter(moments: Iterable[Moment]) -> Markup:
    lanes = dict.fromkeys(moment.lane for moment in moments)
    boxes = [
        el("label", el("input", type="checkbox", data_lane=lane, checked=True), lane)
        for lane in lanes
    ]
    search = el(
        "input",
        id="search",
        type="search",
        placeholder="Filter by words",
        aria_label="Filter the events by words",
    )
    group = el("fieldset", el("legend", "Lanes", css="unseen"), *boxes)
    shown = el("span", id="shown", css="note", role="status")
    return el("div", search, group, shown, css="filter", hidden=True)


def _rows(moments: Sequence[Moment], reading: Reading) -> Iterator[Markup]:
    known = _known(reading.events, sorted({moment.seq for moment in moments}))
    linked: set[int] = set()
    room = ROOM
    for one in moments:
        raw = _raw(known.get(one.seq)) if room > 0 else None
        room -= len(raw or "")
        yield _row(one, raw, first=one.seq not in linked)
        linked.add(one.seq)


def _known(events: Sequence[Event], wanted: Sequence[int]) -> dict[int, Event]:
    """Return the events of some numbers, which are in the order of them."""
    places = (bisect_left(events, seq, key=lambda one: one.seq) for seq in wanted)
    found = (events[place] for place in places if place < len(events))
    return {event.seq: event for event in found}


def _row(one: Moment, raw: Markup | None, *, first: bool) -> Markup:
    """Return a moment; the first that comes of an event is what a link leads to."""
    time = f"{one.at:.2f}"
    at = el("a", time, css="at", href=f"#e{one.seq}") if one.seq >= 0 else time
    sign = el("span", SIGNS[one.tone], css="tone", aria_hidden="true")
    told = el("span", sign, one.title, css=f"t-{one.tone}")
    detail = el("div", one.detail, css="note") if one.detail else None
    return el(
        "tr",
        el("td", at, css="n"),
        el("td", one.lane, css="lane"),
        el("td", told, raw, detail),
        id=f"e{one.seq}" if first and one.seq >= 0 else None,
        data_lane=one.lane,
        data_at=f"{one.at:.3f}",
    )


def _raw(event: Event | None) -> Markup | None:
    """Return an event as it was written down, folded up."""
    if event is None or event.kind in UNTOLD:
        return None
    data = event.model_dump(mode="json", exclude=COLUMNS)
    text = json.dumps(data, indent=1, ensure_ascii=False)
    return el(
        "details", el("summary", f"event {event.kind}"), el("pre", text, tabindex=0)
    )
