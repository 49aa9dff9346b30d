"""The sections of the HTML report; everything that goes in is escaped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from chaos_mcp.experiment.units import human_duration
from chaos_mcp.report.faults import described, stories

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaos_mcp.journal.model import Milestone, Moment
    from chaos_mcp.report.reading import Reading
    from chaos_mcp.score.model import PartScore

LONGEST = 2000
"""Characters of one text that are shown."""
MOST = 2000
"""Moments and seconds that are listed; the journal has all."""
COLUMNS = ("sent", "latency", "result")
NOTHING = Markup()


def plain(value: object) -> str:
    """Return text without control characters, cut where it is endless."""
    text = "".join(
        one if one.isprintable() or one == "\n" else "�" for one in str(value)
    )
    return (
        text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
    )


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(parts)


def _tag(name: str, text: object, css: str = "") -> Markup:
    opening = Markup('<{} class="{}">').format(name, css) if css else f"<{name}>"
    return Markup("{}{}</{}>").format(Markup(opening), _text(text), name)  # noqa: S704


def _text(value: object) -> Any:
    return value if isinstance(value, Markup) else plain(value)


def reasons(reading: Reading) -> Markup:
    """Return why the verdict is what it is, and what to do next."""
    items = [_tag("li", one) for one in reading.outcome.reasons]
    if reading.outcome.next_step:
        items.append(_tag("li", f"Next: {reading.outcome.next_step}", "next"))
    return Markup('<ul class="reasons">{}</ul>').format(_join(items))


def strip(reading: Reading) -> Markup:
    """Return the milestones in a row."""
    items = [_milestone(one) for one in reading.milestones]
    row = Markup('<ol class="strip" aria-label="Milestones">{}</ol>')
    return row.format(_join(items)) if items else NOTHING


def _milestone(one: Milestone) -> Markup:
    when = "never" if one.at is None else f"{one.at:.1f} s"
    inside = Markup("<b>{}</b><span>{}</span>").format(one.name, when)
    if one.seq is not None:
        inside = Markup('<a href="#e{}">{}</a>').format(one.seq, inside)
    tone = one.tone if one.at is not None else ""
    return Markup('<li class="{}">{}</li>').format(tone, inside)


def score(reading: Reading) -> Markup:
    """Return the score with its interval, or why there is none."""
    found = reading.score
    if found.value is None:
        why = "; ".join(found.missing) or "none was asked for"
        return Markup("<div><h2>Stability score</h2>{}{}</div>").format(
            _tag("p", "none", "figure"), _tag("p", why, "note")
        )
    notes = [f"95 % interval {found.low or 0:.1f} to {found.high or 0:.1f}"]
    notes += [f"at most {cap.at:g}: {cap.why}" for cap in found.caps]
    if found.recovery_time is not None:
        after = f"after {human_duration(found.recovery_time)}"
        notes.append(f"recovered {after if found.recovery_time > 0 else 'at once'}")
    elif not found.recovered:
        notes.append("did not recover")
    notes.append(f"lost as much as {found.outage_seconds:.1f} s of full outage")
    figure = Markup('<p class="figure">{}<small> of 100</small></p>').format(
        f"{found.value:.1f}"
    )
    return Markup("<div><h2>Stability score</h2>{}{}</div>").format(
        figure, _join(_tag("p", note, "note") for note in notes)
    )


def losses(reading: Reading) -> Markup:
    """Return where the points went."""
    if not reading.score.parts:
        return NOTHING
    rows = _join(_part(one) for one in reading.score.parts)
    return Markup(
        "<div><h2>Where the points went</h2><table><thead><tr><th>part</th>"
        '<th class="n">points</th><th class="n">lost</th><th>kept</th><th>why</th>'
        "</tr></thead><tbody>{}</tbody></table></div>"
    ).format(rows)


def _part(one: PartScore) -> Markup:
    points = one.weight - one.lost
    kept = 100 * points / one.weight if one.weight else 0.0
    bar = (
        NOTHING
        if not one.weight
        else Markup(
            '<svg class="bar" role="img" aria-label="{kept} % kept" '
            'viewBox="0 0 100 10" '
            'preserveAspectRatio="none"><rect class="gone" width="100" height="10"/>'
            '<rect class="kept" width="{kept}" height="10"/></svg>'
        ).format(kept=f"{kept:.0f}")
    )
    lost = f"{-one.lost:.1f}" if one.lost > 0.05 else "0"  # noqa: PLR2004 - one digit
    return Markup(
        '<tr><td>{}</td><td class="n">{} of {}</td><td class="n">{}</td>'
        "<td>{}</td><td>{}</td></tr>"
    ).format(
        one.name, f"{points:.1f}", f"{one.weight:.1f}", lost, bar, plain(one.words)
    )


def traffic(reading: Reading) -> Markup:
    """Return the charts, a sentence that says the same, and the table of seconds."""
    seconds = reading.score.seconds
    if not seconds:
        return _tag("p", "No workload: there is nothing to draw.", "note")
    worst = min(seconds, key=lambda one: one.good)
    said = (
        f"{sum(one.sent for one in seconds)} requests in {len(seconds)} s, "
        f"{sum(one.good for one in seconds)} of them good. The worst second began "
        f"at {worst.at:.0f} s: {worst.good} good of {worst.sent}."
    )
    rows = _join(
        Markup("<tr>{}</tr>").format(
            _join(
                _tag("td", cell, "n")
                for cell in (
                    f"{one.at:.0f}",
                    one.sent,
                    one.good,
                    one.sent - one.succeeded,
                    _ms(one.p50),
                    _ms(one.p99),
                )
            )
        )
        for one in seconds[:MOST]
    )
    return Markup(
        '<p class="note">{}</p><div id="goodput" class="chart" role="img" '
        'aria-label="{}"></div><div id="latency" class="chart" role="img" '
        'aria-label="Latency each second; see the table"></div>'
        "<details><summary>The same as a table</summary><div class=scroll><table>"
        '<thead><tr><th class="n">second</th><th class="n">sent</th>'
        '<th class="n">good</th><th class="n">failed</th><th class="n">p50</th>'
        '<th class="n">p99</th></tr></thead><tbody>{}</tbody></table></div></details>'
    ).format(said, said, rows)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value * 1000:.0f} ms"


def faults(reading: Reading) -> Markup:
    """Return what was injected, how it was shown to bite, and how it went back."""
    told = stories(reading.events)
    if not told:
        return _tag("p", "Nothing was injected.", "note")
    rows = []
    for one in told:
        back = (
            f"{one.verified:.1f} s: {described(one.restored)}"
            if one.verified is not None
            else one.words
        )
        cells = (
            Markup("{}<br><small>{} {}</small>").format(
                plain(one.name), plain(one.kind), plain(one.target)
            ),
            "-" if one.injected is None else f"{one.injected:.1f} s",
            one.proof if one.injected is not None else one.words,
            "-" if one.undone is None else f"{one.undone:.1f} s",
            back,
        )
        rows.append(
            Markup("<tr>{}</tr>").format(_join(_tag("td", cell) for cell in cells))
        )
    return Markup(
        '<div class="scroll"><table><thead><tr><th>fault</th><th>injected</th>'
        "<th>did it bite?</th><th>undone</th><th>read back</th></tr></thead>"
        "<tbody>{}</tbody></table></div>"
    ).format(_join(rows))


def timeline(reading: Reading) -> Markup:
    """Return the moments as a table that can be filtered and linked to."""
    moments = reading.timeline[:MOST]
    lanes = dict.fromkeys(moment.lane for moment in moments)
    boxes = _join(
        Markup(
            '<label><input type="checkbox" data-lane="{}" checked> {}</label>'
        ).format(lane, lane)
        for lane in lanes
    )
    rows = _join(_moment(one, reading) for one in moments)
    more = len(reading.timeline) - len(moments)
    note = _tag("p", f"{more} more are in the journal.", "note") if more else NOTHING
    return Markup(
        '<div class="filter" hidden><input id="search" type="search" '
        'placeholder="Filter" aria-label="Filter the timeline">{}'
        '<span id="shown" class="note" role="status"></span></div>'
        '<div class="scroll"><table id="events"><thead><tr><th class="n">s</th>'
        "<th>lane</th><th>what happened</th></tr></thead><tbody>{}</tbody></table>"
        "</div>{}"
    ).format(boxes, rows, note)


def _moment(one: Moment, reading: Reading) -> Markup:
    detail = _tag("div", one.detail, "note") if one.detail else NOTHING
    return Markup(
        '<tr id="e{seq}" data-lane="{lane}"><td class="n">'
        '<a class="at" href="#e{seq}">{at}</a></td><td>{lane}</td>'
        '<td><span class="t-{tone}">{title}</span>{detail}{raw}</td></tr>'
    ).format(
        seq=one.seq,
        lane=one.lane,
        at=f"{one.at:.2f}",
        tone=one.tone,
        title=plain(one.title),
        detail=detail,
        raw=_raw(one, reading),
    )


def _raw(one: Moment, reading: Reading) -> Markup:
    if not 0 <= one.seq < len(reading.events):
        return NOTHING
    event = reading.events[one.seq]
    if event.kind in ("workload.sampled", "run.started"):
        return NOTHING
    data = event.model_dump(mode="json", exclude=set(COLUMNS))
    text = json.dumps(data, indent=1, ensure_ascii=False)
    return Markup("<details><summary>event {}</summary><pre>{}</pre></details>").format(
        event.kind, plain(text)
    )


def about(reading: Reading) -> Markup:
    """Return the experiment, and the machine that it ran on."""
    started = reading.started
    facts = {
        "file": started.file,
        "digest": f"sha256:{started.digest}",
        "seed": started.seed,
        "profile": reading.score.profile,
        "chaos-mcp": started.version,
        **started.host,
    }
    rows = _join(
        Markup("<tr><th>{}</th><td>{}</td></tr>").format(key, plain(value))
        for key, value in facts.items()
    )
    written = json.dumps(started.experiment, indent=2, ensure_ascii=False)
    return Markup(
        "<details open><summary>Where and how</summary><table>{}</table></details>"
        "<details><summary>The experiment</summary><pre>{}</pre></details>"
    ).format(rows, _cut(written))


def _cut(text: str) -> str:
    most = 20 * LONGEST
    return text if len(text) <= most else f"{text[:most]}…"
