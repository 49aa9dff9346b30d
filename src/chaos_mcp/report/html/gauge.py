"""The score as a figure and on a scale from 0 to 100, with how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.report.html.element import el, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from chaos_mcp.score.model import Score

LEAST = 0.8
"""Percent of the scale that even the surest interval takes up, to be seen."""


def gauge(score: Score, threshold: float) -> Markup:
    """Return the score with its interval, or why there is none."""
    if score.value is None:
        why = "; ".join(score.missing) or "none was asked for"
        return join([el("p", "no score", css="figure none"), el("p", why, css="note")])
    low, high = score.low or 0.0, score.high or 0.0
    words = f"95 % interval {low:.1f} to {high:.1f}"
    if threshold > 0:
        words += f", {threshold:g} is wanted"
    return join(
        [
            el("p", f"{score.value:.1f}", el("small", " of 100"), css="figure"),
            _scale(score.value, low, high, threshold),
            el("p", words, css="note"),
            *(el("p", f"At most {c.at:g}: {c.why}", css="note") for c in score.caps),
        ]
    )


def _scale(value: float, low: float, high: float, threshold: float) -> Markup:
    said = f"score {value:.1f} on a scale from 0 to 100"
    marks = join(_marks(value, low, high, threshold))
    return el("svg", marks, css="gauge", role="img", aria_label=said, height="22")


def _marks(value: float, low: float, high: float, threshold: float) -> Iterator[Markup]:
    yield _bar("track", 0, 100, 8, 6)
    yield _bar("interval", min(low, 100 - LEAST), max(high - low, LEAST), 6, 10)
    if threshold > 0:
        yield _line("wanted", threshold, 0, 22)
    yield _line("value", value, 2, 20)


def _bar(css: str, start: float, width: float, y: int, height: int) -> Markup:
    place = {"x": f"{start:.2f}%", "width": f"{width:.2f}%", "y": y, "height": height}
    return el("rect", css=css, rx=2, **place)


def _line(css: str, at: float, top: int, bottom: int) -> Markup:
    x = f"{at:.2f}%"
    return el("line", css=css, x1=x, x2=x, y1=top, y2=bottom)
