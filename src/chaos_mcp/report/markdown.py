"""The run as Markdown: a pull-request comment, or the summary of a CI job."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from chaos_mcp.experiment.units import human_duration
from chaos_mcp.journal.words import seconds, share
from chaos_mcp.report.faults import described, stories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chaos_mcp.report.reading import Reading

SIGNS = {
    "PASSED": "✅",
    "FAILED": "❌",
    "ABORTED": "🛑",
    "INCONCLUSIVE": "❔",
    "UNSAFE": "🚨",
    "INVALID": "❌",
}
MARKS = {"good": "✅", "bad": "❌", "warn": "⚠️", "plain": "💡"}
COLUMNS = (
    *("fault", "workload", "errors", "goodput", "p50", "p95", "p99"),
    *("noticed", "detected", "recovered"),
)
LONGEST = 400
MOST_MOMENTS = 300
ROOM = 40_000
"""Characters of timeline: a comment on GitHub holds 65,536 in all."""
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~])")


def render(reading: Reading) -> str:
    """Return the summary, which begins with a marker that finds it again."""
    return "\n".join([*_lines(reading), ""])


def safe(text: object) -> str:
    """Return text that means nothing in Markdown, HTML, or to a person's name.

    What a target says is not trusted: no markup, no mention, no line break.
    """
    plain = "".join(one if one.isprintable() else " " for one in str(text))
    if len(plain) > LONGEST:
        plain = f"{plain[:LONGEST]}…"
    escaped = _SPECIAL.sub(r"\\\1", plain.translate(_HTML))
    return escaped.replace("@", "@\u200b").replace("://", ":\u200b//")


def slug(title: str) -> str:
    """Return a title as the marker has it; one without Latin letters by its hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:LONGEST]
    return plain or sha256(title.encode("utf-8", "replace")).hexdigest()[:12]


def _lines(reading: Reading) -> Iterator[str]:
    outcome, title = reading.outcome, reading.started.title
    yield f"<!-- chaos-mcp:{slug(title)} -->"
    yield f"### {SIGNS[outcome.result]} {outcome.result}: {safe(title)}"
    yield ""
    yield from (f"- {safe(reason)}" for reason in outcome.reasons)
    if outcome.next_step:
        yield f"- **next:** {safe(outcome.next_step)}"
    yield ""
    yield from _score(reading)
    yield from _insights(reading)
    yield from _impacts(reading)
    yield from _faults(reading)
    yield from _timeline(reading)
    started = reading.started
    facts = (f"run {safe(started.run)}", f"seed {started.seed}", safe(started.file))
    yield f"<sub>{' · '.join(facts)}</sub>"


def _score(reading: Reading) -> Iterator[str]:
    score = reading.score
    if score.value is None:
        yield f"**Score:** none ({safe('; '.join(score.missing) or 'not asked for')})"
        yield ""
        return
    interval = f"{score.low or 0:.1f} to {score.high or 0:.1f}"
    yield f"**Score: {score.value:.1f} of 100** (95 % interval {interval})"
    if score.recovery_time is not None:
        after = human_duration(score.recovery_time)
        yield f"Recovered {f'after {after}' if score.recovery_time else 'at once'}."
    yield ""
    yield "| part | points | of | why |"
    yield "|---|--:|--:|---|"
    for part in score.parts:
        points = part.weight - part.lost
        words = safe(part.words)
        yield f"| {safe(part.name)} | {points:.1f} | {part.weight:.1f} | {words} |"
    for cap in score.caps:
        yield f"| at most | {cap.at:g} | | {safe(cap.why)} |"
    yield ""


def _insights(reading: Reading) -> Iterator[str]:
    if not reading.insights:
        return
    yield "**What it taught**"
    yield ""
    for one in reading.insights:
        advice = f" *{safe(_sentence(one.advice))}*" if one.advice else ""
        yield f"- {MARKS[one.tone]} {safe(_sentence(one.sentence))}{advice}"
    yield ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _impacts(reading: Reading) -> Iterator[str]:
    if not reading.impacts:
        return
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|---|---|{'--:|' * (len(COLUMNS) - 2)}"
    for one in reading.impacts:
        before, during = one.before, one.during
        cells = (
            safe(one.name),
            safe(one.workload),
            _moved(before.error_rate, during.error_rate, share),
            _moved(before.goodput, during.goodput, lambda rate: f"{rate:.3g}/s"),
            *(
                _moved(getattr(before, name), getattr(during, name), seconds)
                for name in ("p50", "p95", "p99")
            ),
            *(
                _after(time)
                for time in (
                    one.time_to_effect,
                    one.time_to_detect,
                    one.time_to_recover,
                )
            ),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _moved(
    before: float | None, during: float | None, told: Callable[[float], str]
) -> str:
    """Return a figure of the baseline and of the time under the fault."""
    sides = ("-" if one is None else told(one) for one in (before, during))
    return " → ".join(sides)


def _after(time: float | None) -> str:
    return "-" if time is None else f"+{seconds(time)}"


def _faults(reading: Reading) -> Iterator[str]:
    told = stories(reading.told)
    if not told:
        return
    yield "| fault | injected | proven by | put back | seen gone by |"
    yield "|---|--:|---|--:|---|"
    for one in told:
        cells = (
            safe(one.name),
            _at(one.injected),
            safe(one.proof if one.injected is not None else one.words),
            _at(one.undone),
            safe(described(one.restored)) if one.verified is not None else "not seen",
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _at(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"


def _timeline(reading: Reading) -> Iterator[str]:
    yield "<details><summary>Timeline</summary>"
    yield ""
    yield "| s | what | detail |"
    yield "|--:|---|---|"
    shown = list(_rows(reading))
    yield from shown
    more = len(reading.timeline) - len(shown)
    if more > 0:
        yield f"| … | {more} more | |"
    yield ""
    yield "</details>"
    yield ""


def _rows(reading: Reading) -> Iterator[str]:
    room = ROOM
    for one in reading.timeline[:MOST_MOMENTS]:
        row = f"| {one.at:.2f} | {safe(one.title)} | {safe(one.detail)} |"
        room -= len(row)
        if room < 0:
            return
        yield row
