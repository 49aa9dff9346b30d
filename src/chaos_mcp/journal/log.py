"""The journal: one event a line, written before it matters, the only truth of a run."""

from __future__ import annotations

import os
import time
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar, cast

import anyio.to_thread
from pydantic import ValidationError

from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import EVENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chaos_mcp.events import BaseEvent, Event

E = TypeVar("E", bound="BaseEvent")

FILE = "events.jsonl"
_CRC = b',"crc":"%08x"}\n'
_CRC_LENGTH = len(_CRC % 0)


class Journal:
    """Append-only record of one run; every line carries its own checksum."""

    def __init__(
        self,
        folder: Path,
        run: str,
        clock: Callable[[], float] = time.monotonic,
        redact: Callable[[str], str] | None = None,
    ) -> None:
        """Create the file; raise `JournalFailed` if it cannot be, or is there already.

        `clock` gives monotonic seconds; `redact` hides secrets in a line.
        """
        self.folder = folder
        self.run = run
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self._clock = clock
        self._redact = redact
        self._began = clock()
        self._size = 0
        try:
            self._file = os.open(
                folder / FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o644
            )
            _sync_folder(folder)
        except OSError as error:
            raise JournalFailed(f"cannot create {folder / FILE}: {error}") from error

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
                "seq": len(self.events),
                "at": round(self.now(), 6),
                "wall": round(time.time(), 3),
            }
        )
        text = stamped.model_dump_json()
        if self._redact and (hidden := self._redact(text)) != text:
            text = hidden
            stamped = cast("E", EVENT.validate_json(text))
        self._append(seal(text.encode()))
        line = cast("Event", stamped)
        self.events.append(line)
        for listener in self.listeners:
            listener(line)
        return stamped

    async def record_durably(self, event: E) -> E:
        """Append an event and return once it is on the disk."""
        stamped = self.record(event)
        try:
            await anyio.to_thread.run_sync(os.fsync, self._file)
        except OSError as error:
            raise JournalFailed(f"cannot sync the journal: {error}") from error
        return stamped

    def close(self) -> None:
        """Bring everything to the disk and close the file."""
        try:
            os.fsync(self._file)
        finally:
            os.close(self._file)

    def _append(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError as error:
            # Half a line would swallow the next one.
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise JournalFailed(f"cannot write the journal: {error}") from error
        self._size += written


def seal(line: bytes) -> bytes:
    """Return a JSON object as a line that carries the CRC-32 of what stands before."""
    body = line[:-1]
    return body + _CRC % zlib.crc32(body)


def unseal(line: bytes) -> bytes | None:
    """Return the JSON object of a line, or None if its checksum does not fit."""
    body, crc = line[: 1 - _CRC_LENGTH], line[1 - _CRC_LENGTH :]
    return body + b"}" if crc + b"\n" == _CRC % zlib.crc32(body) else None


def read(path: Path) -> list[Event]:
    """Return the events of a journal, as far as it is whole.

    Reading ends at the first line that is torn, damaged or out of sequence: what
    follows a gap is no evidence. Raise `JournalFailed` if there is no journal.
    """
    file = path / FILE if path.is_dir() else path
    try:
        content = file.read_bytes()
    except OSError as error:
        raise JournalFailed(f"cannot read {file}: {error.strerror}") from error
    events: list[Event] = []
    for line in content.split(b"\n")[:-1]:
        event = _event(line)
        if event is None or event.seq != len(events):
            break
        events.append(event)
    return events


def _event(line: bytes) -> Event | None:
    body = unseal(line)
    try:
        return EVENT.validate_json(body) if body else None
    except ValidationError:
        return None


def _sync_folder(folder: Path) -> None:
    """Make the file's name durable, not only its content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
