"""The journal: one event a line, written before it matters, the only truth of a run."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio.to_thread

from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import EVENT
from chaos_mcp.failpoints import passing
from chaos_mcp.journal.file import JournalFile
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.line import seal
from chaos_mcp.journal.read import salvage

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from chaos_mcp.events import BaseEvent, Event
    from chaos_mcp.journal.authority import Authority


E = TypeVar("E", bound="BaseEvent")


class Journal:
    """Append-only record of one run; every line carries its own checksum."""

    def __init__(
        self,
        folder: Path,
        run: str,
        clock: Callable[[], float] = time.monotonic,
        redact: Callable[[str], str] | None = None,
        file: JournalFile | None = None,
        authority: Authority | None = None,
    ) -> None:
        """Create the file; raise `JournalFailed` if it cannot be, or is there already.

        `clock` gives monotonic seconds; `redact` hides secrets in a line; `file` is
        one that is open already; with `authority`, nothing is written without it.
        """
        self.folder = folder
        self.run = run
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self._clock = clock
        self._redact = redact
        self._began = clock()
        self._closed = False
        self._authority = authority
        self._file = file or JournalFile.create(folder)

    @classmethod
    def reopen(cls, folder: Path) -> Journal:
        """Go on with the journal of a run whose writer is gone.

        A torn end is cut off first. Raise `JournalBusy` while it is being written.
        """
        file = JournalFile.reopen(folder)
        try:
            found = salvage(folder)
            if found.size < file.size:
                file.cut(found.size)
        except JournalFailed:
            file.close()
            raise
        run = found.events[0].run if found.events else folder.name
        journal = cls(folder, run, file=file)
        journal.events = found.events
        if found.events:
            journal.began_at(found.events[0])
        return journal

    def began_at(self, first: Event) -> None:
        """Count from the first event of the run, by the wall clock: it is all we have.

        Time never goes back behind the last event.
        """
        gone = max(time.time() - first.wall + first.at, self.events[-1].at)
        self._began = self._clock() - gone

    def now(self) -> float:
        """Return seconds since the run began."""
        return self._clock() - self._began

    def record(self, event: E) -> E:
        """Append an event and return it as it was stamped.

        The line has reached the operating system, not yet the disk. Raise
        `JournalFailed` when it could not be written.
        """
        stamped: E = event.model_copy(
            update={
                "run": self.run,
                "seq": self.events[-1].seq + 1 if self.events else 0,
                "at": round(self.now(), 6),
                "wall": round(time.time(), 3),
            }
        )
        text = stamped.model_dump_json()
        if (hidden := self._hide(text)) != text:
            text = hidden
            stamped = cast("E", EVENT.validate_json(text))
        line = cast("Event", stamped)
        passing(f"write {line.kind}")
        with self.held():
            self._file.append(seal(text.encode()), urgent=event.urgent)
        self.events.append(line)
        passing(f"written {line.kind}")
        for listener in self.listeners:
            listener(line)
        return stamped

    async def record_durably(self, event: E) -> E:
        """Append an event and return once it is on the disk."""
        stamped = self.record(event)
        passing("sync")
        await anyio.to_thread.run_sync(self._file.sync)
        passing("synced")
        return stamped

    def shows(self, data: Any) -> bool:
        """Tell whether data would be written down whole, with no secret hidden."""
        text = json.dumps({"value": data}, ensure_ascii=False)
        return self._hide(text) == text

    async def keep_room(self) -> None:
        """Reserve room on the disk for what must be written when it is full."""
        await anyio.to_thread.run_sync(self._file.keep_room)

    def held(self) -> AbstractContextManager[None]:
        """Hold the right to act; raise `JournalTaken` if it was taken away."""
        return self._authority.held() if self._authority else nullcontext()

    @property
    def taken(self) -> bool:
        """Tell whether somebody else acts for the run now."""
        return bool(self._authority and self._authority.lost)

    def close(self) -> None:
        """Bring everything to the disk and close the file; again does nothing.

        Over an open fault, the reserve is left to whoever takes that back.
        """
        if self._closed:
            return
        self._closed = True
        try:
            self._file.flush()
        finally:
            self._file.close(keep=self.taken or bool(open_faults(self.events)))
            if self._authority:
                self._authority.close()

    def _hide(self, text: str) -> str:
        return self._redact(text) if self._redact else text
