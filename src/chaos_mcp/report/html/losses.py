"""Where the points went: from 100 down to the score, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from chaos_mcp.experiment.units import human_duration
from chaos_mcp.report.html.element import NONE, el, join
from chaos_mcp.report.html.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.report.reading import Reading
    from chaos_mcp.score.model import PartScore, Score

SEEN = 0.05
"""Points from which a loss is one, to one digit."""
HEADS = ("part", "#lost", "from 100 down to the score", "what was measured")
QUANTILES = ("p50", "p95", "p99")


def losses(reading: Reading) -> Markup:
    """Return the waterfall and the figures beside it; nothing without a score."""
    score = reading.score
    if not score.parts and not score.latencies:
        return Markup()
    return el(
        "section",
        el("h2", "Where the points went" if score.parts else "Figures", id="points"),
        table(HEADS, _rows(score), css="waterfall broad") if score.parts else None,
        _latencies(score),
        el("dl", *_figures(score), css="figures"),
        aria_labelledby="points",
    )


def _rows(score: Score) -> Iterator[tuple[object, ...]]:
    left = 100.0
    for part in score.parts:
        yield _row(part, left)
        left -= part.lost
    for cap in score.caps:
        bar = _bar(min(cap.at, left), max(left - cap.at, 0.0))
        yield "limit", f"{-max(left - cap.at, 0.0):.1f}", bar, cap.why
        left = min(left, cap.at)
    value = 0.0 if score.value is None else score.value
    yield el("b", "score"), el("b", f"{value:.1f}"), _bar(value, 0.0), ""


def _row(part: PartScore, left: float) -> tuple[object, ...]:
    lost = f"{-part.lost:.1f}" if part.lost >= SEEN else "0"
    name = join([part.name, el("span", f"of {part.weight:.1f}", css="soft")], " ")
    return name, lost, _bar(left - part.lost, part.lost), part.words


def _bar(left: float, lost: float) -> Markup:
    """Return what is left and, behind it, what was lost."""
    kept = el("rect", css="kept", width=f"{max(left, 0):.2f}%", height=12)
    gone = el("rect", css="gone", x=f"{left:.2f}%", width=f"{lost:.2f}%", height=12)
    said = f"{left:.1f} left" + (f", {lost:.1f} lost" if lost >= SEEN else "")
    return el("svg", kept, gone, css="bar", role="img", aria_label=said, height=12)


def _latencies(score: Score) -> Markup | None:
    """Return the latencies of each window side by side."""
    if not score.latencies:
        return None
    rows = (
        (name, *(_time(found.get(quantile)) for quantile in QUANTILES))
        for name, found in score.latencies.items()
    )
    caption = "Latency by window (a failure counts as its deadline)"
    return table(("window", *(f"#{q}" for q in QUANTILES)), rows, caption=caption)


def _time(value: float | None) -> str:
    return NONE if value is None else human_duration(value)


def _figures(score: Score) -> Iterator[Markup]:
    for name, words in _named(score):
        yield el("div", el("dt", name), el("dd", words))


def _named(score: Score) -> Iterator[tuple[str, str]]:
    if score.recovery_time is not None:
        took = human_duration(score.recovery_time) if score.recovery_time else "at once"
        yield "recovered", took
    elif not score.recovered:
        yield "recovered", "no"
    yield "lost, in seconds of full outage", f"{score.outage_seconds:.1f} s"
    if score.burn_rate is not None:
        yield "error budget burnt", f"{score.burn_rate:.3g} times what is allowed"
    if score.baseline_goodput is not None:
        yield "good requests a second before", f"{score.baseline_goodput:.4g}"
    if score.profile:
        yield "profile (what it can be compared with)", score.profile
