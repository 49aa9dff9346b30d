"""Which runs there are: those of the history, of a folder, and those under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chaos_mcp.engine.status import is_alive
from chaos_mcp.errors import ChaosError
from chaos_mcp.history.entry import entry_of
from chaos_mcp.history.store import Query, store
from chaos_mcp.machine import index
from chaos_mcp.report.journals import FILE, reading_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.machine.index import Entry as Running

MOST = 500
"""Runs that are listed, the latest ones."""


@dataclass(slots=True)
class Listing:
    """The runs as they are at the moment."""

    folder: Path
    trouble: str = ""
    """Why the history could not be read."""
    _read: dict[Path, tuple[float, Entry]] = field(default_factory=dict)

    def running(self) -> list[Running]:
        """Return the runs of this machine that are under way."""
        return [entry for entry in index.entries() if is_alive(entry)]

    def over(self) -> list[Entry]:
        """Return the runs that are over, the newest first."""
        busy = {entry.run for entry in self.running()}
        found = {entry.run: entry for entry in self._entered()}
        for entry in self._lying_about({*found, *busy}):
            found[entry.run] = entry
        kept = [entry for run, entry in found.items() if run not in busy]
        return sorted(kept, key=lambda one: one.started, reverse=True)[:MOST]

    def entry(self, run: str) -> Entry | None:
        """Return a run that is over; None if there is none of that name."""
        return next((one for one in self.over() if one.run == run), None)

    def place(self, run: str) -> Path | None:
        """Return the folder of a run, over or under way, by its whole name."""
        for busy in self.running():
            if busy.run == run:
                return busy.folder
        entry = self.entry(run)
        return None if entry is None else self.folder.__class__(entry.folder)

    def _entered(self) -> list[Entry]:
        """Return what the history has; without it, the folder alone has to do."""
        self.trouble = ""
        try:
            return store().entries(Query(most=MOST))
        except ChaosError as error:
            self.trouble = str(error)
            return []

    def _lying_about(self, known: set[str]) -> Iterator[Entry]:
        """Yield the runs of the folder that nobody has entered."""
        folders = sorted(self.folder.glob(f"*/{FILE}"), reverse=True)[:MOST]
        for file in folders:
            if file.parent.name not in known and (entry := self._entry(file)):
                yield entry

    def _entry(self, file: Path) -> Entry | None:
        """Return what a journal says, read again only when it has changed."""
        try:
            changed = file.stat().st_mtime
            if file not in self._read or self._read[file][0] != changed:
                entry = entry_of(reading_of(file.parent), file.parent)
                self._read[file] = (changed, entry)
        except (ChaosError, OSError):
            return None
        return self._read[file][1]
