"""A run that has ended, as news: what happened, in one message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from chaos_mcp.events import BaselineJudged
from chaos_mcp.history.entry import MOST_REASONS, title_of
from chaos_mcp.journal.regressions import worst
from chaos_mcp.journal.words import line
from chaos_mcp.notify.message import (
    Before,
    Experiment,
    Happened,
    Message,
    Run,
    Score,
)
from chaos_mcp.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.report.reading import Reading

WEIGHTIEST: tuple[Happened, ...] = ("regression", "failure", "recovery", "success")


@dataclass(frozen=True, slots=True)
class News:
    """A message, and the same as the Markdown of `summary.md`."""

    message: Message
    markdown: str

    @property
    def happened(self) -> frozenset[Happened]:
        """Return what happened, by its names; of a trial everybody hears."""
        if self.message.type == "chaos.test":
            return frozenset(get_args(Happened))
        return frozenset(self.message.data.happened)


def news_of(reading: Reading, before: Entry | None, link: str, now: float) -> News:
    """Return what a run is news of, knowing the run before it."""
    return News(message_of(reading, before, link, now), FORMATS["md"].render(reading))


def message_of(
    reading: Reading, before: Entry | None, link: str, now: float
) -> Message:
    """Return what is told of a run; every line of it is one line."""
    happened = [*_happened(reading, before)]
    outcome, started, score = reading.outcome, reading.started, reading.score
    experiment = started.experiment if isinstance(started.experiment, dict) else {}
    tags = experiment.get("tags")
    value = score.value
    data = Run(
        run=line(started.run),
        experiment=Experiment(
            title=title_of(started.title),
            file=line(started.file),
            tags=[line(str(one)) for one in tags] if isinstance(tags, list) else [],
        ),
        happened=happened,
        verdict=outcome.result,
        exit_code=outcome.exit_code,
        reasons=[line(one) for one in outcome.reasons[:MOST_REASONS]],
        next_step=line(outcome.next_step),
        score=None
        if value is None
        else Score(value=value, low=score.low or 0.0, high=score.high or 0.0),
        baseline=next((line(one.baseline) for one in _judged(reading)), ""),
        regressions=[*_worse(reading)],
        before=before and Before(run=before.run, verdict=before.verdict),
        started=moment(started.wall),
        seconds=round(reading.events[-1].at, 3) if reading.events else 0.0,
        node=line(str(started.host.get("node", ""))),
        link=link,
    )
    kind = next(one for one in WEIGHTIEST if one in happened)
    return Message(type=f"chaos.{kind}", timestamp=moment(now), data=data)


def trial(now: float) -> News:
    """Return a message that tells of no run, for seeing that a channel works."""
    data = Run(
        run="trial",
        experiment=Experiment(title="A trial message of chaos", file="", tags=[]),
        happened=[],
        verdict="PASSED",
        exit_code=0,
        reasons=["somebody called `chaos notify test`: nothing was run"],
        next_step="",
        score=None,
        baseline="",
        regressions=[],
        before=None,
        started=moment(now),
        seconds=0.0,
        node="",
        link="",
    )
    text = (
        "<!-- chaos-mcp:trial -->\n### A trial message of chaos\n\nNothing was run.\n"
    )
    return News(Message(type="chaos.test", timestamp=moment(now), data=data), text)


def moment(wall: float) -> str:
    """Return a time of the wall clock as RFC 3339 has it."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _happened(reading: Reading, before: Entry | None) -> Iterator[Happened]:
    passed = reading.outcome.result == "PASSED"
    yield "success" if passed else "failure"
    if any(worst(one) == "deviated" for one in _judged(reading)):
        yield "regression"
    if passed and before and before.verdict != "PASSED":
        yield "recovery"


def _judged(reading: Reading) -> Iterator[BaselineJudged]:
    return (one for one in reading.events if isinstance(one, BaselineJudged))


def _worse(reading: Reading) -> Iterator[str]:
    for event in _judged(reading):
        for metric in event.metrics:
            if metric.get("verdict") == "deviated":
                yield line(str(metric.get("words", "")))
