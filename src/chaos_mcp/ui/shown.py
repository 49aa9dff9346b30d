"""What the pages show, in words: runs, scores, differences."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from chaos_mcp.experiment.units import human_duration
from chaos_mcp.history import words
from chaos_mcp.history.sparkline import sparkline
from chaos_mcp.report.html.element import plain
from chaos_mcp.report.html.head import SIGNS, TONES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.history.compare import Difference
    from chaos_mcp.history.entry import Entry

TREND = 30
"""Scores of a trend, the latest ones."""


@dataclass(frozen=True, slots=True)
class Row:
    """A run that is over, as the list has it."""

    run: str
    title: str
    verdict: str
    sign: str
    tone: str
    score: str
    interval: str
    when: str
    length: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """The runs of one experiment, with how its score went."""

    name: str
    """As the experiment calls itself."""
    title: str
    trend: str
    rows: tuple[Row, ...]


def row(one: Entry) -> Row:
    """Return a run as the list has it."""
    score = "no score" if one.score is None else f"{one.score:.1f}"
    ends = "" if one.low is None else f"{one.low:.1f} to {one.high or 0:.1f}"
    return Row(
        run=plain(one.run),
        title=plain(one.title) or "(unknown)",
        verdict=plain(one.verdict),
        sign=SIGNS.get(one.verdict, "?"),
        tone=TONES.get(one.verdict, "bad"),
        score=score,
        interval=ends,
        when=time.strftime("%Y-%m-%d %H:%M", time.localtime(one.started)),
        length=human_duration(max(0.0, one.length)),
        why=plain(one.reasons[0]) if one.reasons else "",
    )


def groups(entries: Sequence[Entry]) -> list[Group]:
    """Return the runs by experiment; the one that ran last is first."""
    by_title: dict[str, list[Entry]] = {}
    for one in entries:
        by_title.setdefault(one.title, []).append(one)
    return [
        Group(title, plain(title) or "(unknown)", _trend(found), tuple(map(row, found)))
        for title, found in by_title.items()
    ]


def _trend(newest_first: Sequence[Entry]) -> str:
    latest = reversed(newest_first[:TREND])
    scores = [one.score for one in latest if one.score is not None]
    return sparkline(scores) if len(scores) > 1 else ""


def differences(found: Sequence[Difference]) -> Iterator[tuple[str, ...]]:
    """Yield each metric of two runs with how it changed, and whether for the worse."""
    for one in found:
        metric = one.metric
        yield (
            metric.words,
            words.figure(metric, one.before),
            words.figure(metric, one.after),
            words.change(metric, one.change),
            words.interval(one),
            words.chance(one),
            _judgement(one),
        )


def _judgement(one: Difference) -> str:
    """Return whether a change is one, by its interval."""
    if isnan(one.change):
        return words.NONE
    if one.low <= 0 <= one.high:
        return "may be chance"
    return "worse" if one.worsening > 0 else "better"
