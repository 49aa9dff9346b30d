"""What customers saw: places for the charts, the same in words, and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.experiment.units import human_duration
from chaos_mcp.report.downsample import downsample
from chaos_mcp.report.html.element import NONE, el, join
from chaos_mcp.report.html.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from chaos_mcp.report.reading import Reading
    from chaos_mcp.score.model import Second

MOST = 1000
"""Seconds that are listed; where there are more, the extremes of each stretch are."""
HEADS = ("#second", "#sent", "#good", "#failed", "#p50", "#p95", "#p99")
KEYS = (
    ("← →", "move along"),
    ("shift ← →", "pan"),
    ("+ -", "zoom"),
    ("0", "whole run"),
    ("esc", "clear"),
)
BUTTONS = (
    ("in", "Zoom in"),
    ("out", "Zoom out"),
    ("left", "Earlier"),
    ("right", "Later"),
    ("fault", "Fault"),
    ("reset", "Whole run"),
)


def traffic(reading: Reading, data: Mapping[str, Any]) -> Markup:
    """Return the charts' places, what they show in words, and the table."""
    seconds = reading.score.seconds
    said = _said(seconds, reading)
    return join(
        [
            el("p", said, css="note", id="said"),
            _charts(data),
            el("noscript", el("p", "The charts need scripts; the table does not.")),
            _table(seconds),
        ]
    )


def _charts(data: Mapping[str, Any]) -> Markup:
    buttons = [
        el("button", label, type="button", data_do=do)
        for do, label in BUTTONS
        if do != "fault" or data["bands"]
    ]
    keys = [item for key, does in KEYS for item in (el("kbd", key), f" {does}  ")]
    return el(
        "div",
        el("div", *buttons, css="tools", role="toolbar", aria_label="Charts"),
        el("p", "Drag to zoom; or, with the charts in focus: ", *keys, css="note keys"),
        el("p", "", id="spoken", css="unseen", role="status"),
        el("div", id="panels"),
        id="charts",
        tabindex=0,
        role="group",
        aria_label="Charts of the run over time",
        aria_describedby="said",
        hidden=True,
    )


def _said(seconds: Sequence[Second], reading: Reading) -> str:
    """Return what the charts show, for those who do not see them."""
    if not seconds:
        return "No traffic was recorded, so there are no requests to draw."
    return " ".join(_sentences(seconds, reading))


def _sentences(seconds: Sequence[Second], reading: Reading) -> Iterator[str]:
    sent, good = sum(s.sent for s in seconds), sum(s.good for s in seconds)
    yield f"{sent} requests in {len(seconds)} s, {good} of them good."
    worst = min(seconds, key=lambda one: one.good - one.sent)
    if worst.good < worst.sent:
        lost = f"{worst.good} good of {worst.sent}"
        yield f"The worst second began at {worst.at:.0f} s: {lost}."
    else:
        yield "No second had a request that was not good."
    slow = max(seconds, key=lambda one: one.p99 or 0.0)
    if slow.p99 is not None:
        yield f"p99 was highest at {slow.at:.0f} s: {human_duration(slow.p99)}."
    for band in reading.bands:
        yield f"{band.name} stood from {band.start:.1f} s to {band.end:.1f} s."


def _table(seconds: Sequence[Second]) -> Markup | None:
    if not seconds:
        return None
    kept = downsample(seconds, MOST)
    told = "The same as a table"
    if len(kept) < len(seconds):
        told += f" ({len(kept)} of {len(seconds)} seconds, with every extreme)"
    rows = table(HEADS, map(_row, kept), caption="Each second")
    return el("details", el("summary", told), rows)


def _row(one: Second) -> tuple[object, ...]:
    counts = f"{one.at:.0f}", one.sent, one.good, one.sent - one.succeeded
    return *counts, _ms(one.p50), _ms(one.p95), _ms(one.p99)


def _ms(value: float | None) -> str:
    return NONE if value is None else f"{value * 1000:.0f} ms"
