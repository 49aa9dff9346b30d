"""What a run is held to: an earlier run, and how much worse it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import BaselineJudged
from chaos_mcp.history.compare import DifferentProfiles, compare, judge
from chaos_mcp.history.entry import entry_of, title_of
from chaos_mcp.history.metrics import tolerances as tolerated
from chaos_mcp.history.words import as_json
from chaos_mcp.journal.log import Journal
from chaos_mcp.report.journals import FILE
from chaos_mcp.report.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chaos_mcp.events import Event
    from chaos_mcp.history.entry import Entry
    from chaos_mcp.report.reading import Reading

STOPPED = ("ABORTED", "UNSAFE")
"""What was stopped in the middle has no figures to be compared."""


@dataclass(frozen=True, slots=True)
class Standard:
    """A baseline with its tolerances; what it says of a run is an event of it."""

    name: str
    entry: Entry
    tolerances: Mapping[str, float]

    def judge(self, reading: Reading, folder: Path) -> tuple[Reading, list[str]]:
        """Hold a run that has ended against the baseline, and write that down.

        Return its reading with that, and why it could not be written, if so.
        """
        if reading.outcome.result in STOPPED:
            return reading, []
        said = self.said_of(entry_of(reading, folder))
        try:
            return read(_written(said, folder), reading.score), []
        except JournalFailed as error:
            events = (*reading.events, said)
            return read(events, reading.score), [f"{FILE}: {error}"]

    def said_of(self, entry: Entry) -> BaselineJudged:
        """Return what the baseline says of a run."""
        judged = BaselineJudged(baseline=self.name, against=self.entry.run)
        try:
            differences = compare(self.entry, entry)
        except DifferentProfiles as error:
            return judged.model_copy(update={"why": str(error)})
        metrics = [as_json(one) for one in judge(differences, self.tolerances)]
        why = "" if metrics else "neither run has figures"
        return judged.model_copy(update={"metrics": metrics, "why": why})


def standard(
    name: str,
    title: str,
    runs: Path,
    tolerances: Mapping[str, str],
    written: Mapping[str, float] | None = None,
) -> Standard:
    """Return the standard of a name for an experiment of a title.

    Tolerances go over those that the experiment has written. Raise `ChaosError` if
    there is no such baseline.
    """
    from chaos_mcp.history.found import baseline  # noqa: PLC0415 - with the store
    from chaos_mcp.history.store import store  # noqa: PLC0415 - as above

    wanted = tolerated(tolerances, written)
    return Standard(name, baseline(name, runs, store(), title_of(title)), wanted)


def _written(said: BaselineJudged, folder: Path) -> list[Event]:
    """Add an event to a journal that was closed; return all that it holds then."""
    journal = Journal.reopen(folder)
    try:
        journal.record(said)
    finally:
        journal.close()
    return journal.events
