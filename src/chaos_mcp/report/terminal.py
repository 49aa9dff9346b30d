"""The result as a person reads it in a terminal: plain text, 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from chaos_mcp.events import RunnerMeasured
from chaos_mcp.experiment.units import human_duration
from chaos_mcp.journal.sentences import runner_used
from chaos_mcp.report.faults import stories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.report.reading import Reading

WIDTH = 80
KEY = 9
"""Columns of the left margin, in which the kind of line stands."""
MOST_REASONS = 5
MOST_INSIGHTS = 4
FULL = 0.05
"""Points lost below which a part is not worth a line."""


def render(reading: Reading) -> str:
    """Return verdict, score and where its points went, faults, and what to do."""
    return "\n".join(_plain(line) for line in _lines(reading))


def _lines(reading: Reading) -> Iterator[str]:
    outcome = reading.outcome
    yield from _entry(outcome.result, reading.started.title, gap=14)
    for reason in outcome.reasons[:MOST_REASONS]:
        yield from _entry("", f"- {reason}")
    yield ""
    yield from _score(reading)
    yield from _milestones(reading)
    for story in stories(reading.told):
        yield from _entry("fault", f"{story.name}: {story.words}")
    for number, one in enumerate(reading.insights[:MOST_INSIGHTS]):
        yield from _entry("" if number else "learned", f"- {one.sentence}")
    for used in (one for one in reading.told if isinstance(one, RunnerMeasured)):
        yield from _entry("runner", runner_used(used))
    if outcome.next_step:
        yield from _entry("next", outcome.next_step)


def _score(reading: Reading) -> Iterator[str]:
    score = reading.score
    if score.value is None:
        yield from _entry(
            "score", f"none: {'; '.join(score.missing) or 'not asked for'}"
        )
        return
    interval = f"{score.low or 0:.1f} to {score.high or 0:.1f}"
    yield from _entry("score", f"{score.value:.1f} of 100  (95 %: {interval})")
    for part in score.parts:
        if part.lost > FULL:
            yield from _entry("", f"{-part.lost:6.1f}  {part.name}: {part.words}")
    for cap in score.caps:
        yield from _entry("", f"at most {cap.at:g}: {cap.why}")
    if score.recovery_time is not None:
        after = human_duration(score.recovery_time)
        quick = score.recovery_time <= 0
        yield from _entry("recovery", "at once" if quick else f"after {after}")


def _milestones(reading: Reading) -> Iterator[str]:
    steps = [
        f"{one.name} {one.at:.1f} s" for one in reading.milestones if one.at is not None
    ]
    if steps:
        yield from _entry("steps", "  ".join(steps))


def _entry(key: str, text: str, gap: int = KEY) -> Iterator[str]:
    """Yield a line with its kind in the margin, wrapped under itself."""
    indent = " " * gap
    wrapped = textwrap.wrap(
        text, WIDTH - gap, break_on_hyphens=False, replace_whitespace=True
    ) or [""]
    yield f"{key:<{gap}}{wrapped[0]}".rstrip()
    yield from (f"{indent}{line}" for line in wrapped[1:])


def _plain(text: str) -> str:
    """Return text without control characters: what a target says is not trusted."""
    return "".join(one if one.isprintable() else "�" for one in text)
