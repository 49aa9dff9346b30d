"""What the history keeps of one run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from chaos_mcp.history.estimate import Estimate
from chaos_mcp.history.figures import figures
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chaos_mcp.report.reading import Reading

MOST_REASONS = 20
LONGEST_TITLE = 200
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One run: what it was, what came of it, and its figures."""

    run: str
    title: str
    file: str
    digest: str
    """SHA-256 of the experiment as it was read."""
    profile: str
    """What it was measured by: runs of different profiles are not compared."""
    verdict: str
    exit_code: int
    started: float
    """Seconds since the epoch."""
    length: float
    seed: int
    version: str
    node: str
    folder: str
    tags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    """The ends of the score's 95 % interval."""
    figures: Mapping[str, Estimate] = field(default_factory=dict)
    """By the names of their metrics."""

    @property
    def score(self) -> float | None:
        """Return the stability score."""
        return self.value("score")

    def value(self, metric: str) -> float | None:
        """Return a figure; None if it was not measured."""
        found = self.figures.get(metric)
        return None if found is None else found.value


def entry_of(
    reading: Reading, folder: Path, known: Mapping[str, Estimate] | None = None
) -> Entry:
    """Return what the history keeps of a run; its figures may be known already."""
    started, outcome, score = reading.started, reading.outcome, reading.score
    experiment = started.experiment if isinstance(started.experiment, dict) else {}
    tags = experiment.get("tags") or ()
    return Entry(
        run=_text(started.run or folder.name),
        title=title_of(started.title),
        file=_text(started.file),
        digest=started.digest,
        profile=score.profile,
        verdict=outcome.result,
        exit_code=outcome.exit_code,
        started=started.wall,
        length=reading.events[-1].at if reading.events else 0.0,
        seed=started.seed,
        version=started.version,
        node=_text(started.host.get("node", "")),
        folder=_text(folder.resolve()),
        tags=tuple(map(str, tags)) if isinstance(tags, list | tuple) else (),
        reasons=tuple(line(one) for one in outcome.reasons[:MOST_REASONS]),
        low=score.low,
        high=score.high,
        figures=figures(reading) if known is None else known,
    )


def title_of(title: str) -> str:
    """Return an experiment's title as the history has it."""
    return _text(line(title))[:LONGEST_TITLE]


def _text(thing: object) -> str:
    """Return text that every database takes."""
    return str(thing).replace("\0", "").encode("utf-8", "replace").decode()


def row_of(entry: Entry) -> Row:
    """Return an entry as the columns of the store."""
    row = asdict(entry)
    for name in ("tags", "reasons"):
        row[name] = json.dumps(list(row[name]))
    row["figures"] = json.dumps(
        {name: _list(one) for name, one in entry.figures.items()}
    )
    row["seed"] = str(entry.seed)  # of any size
    row["score"] = entry.score
    return row


def entry_from(row: Mapping[str, Any]) -> Entry:
    """Return the entry that columns of the store stand for."""
    data = {name: value for name, value in row.items() if name != "score"}
    data["seed"] = int(data["seed"])
    data["tags"] = tuple(json.loads(data["tags"]))
    data["reasons"] = tuple(json.loads(data["reasons"]))
    data["figures"] = {
        name: Estimate(*(inf if part is None else part for part in parts))
        for name, parts in json.loads(data["figures"]).items()
    }
    return Entry(**data)


def _list(estimate: Estimate) -> list[float | None]:
    """Return an estimate as JSON can hold it, which knows no infinity."""
    parts = (estimate.value, estimate.error, estimate.freedom)
    return [None if part == inf else part for part in parts]
