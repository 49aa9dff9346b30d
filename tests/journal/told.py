"""A journal of two faults as the disk has it, with the bytes that were synced."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_mcp.events import (
    FaultInjected,
    FaultUndoing,
    FaultUndone,
    FaultVerified,
    Noted,
    PhaseStarted,
    RunEnded,
)
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.log import Journal
from tests.journal.story import NAME, armed

if TYPE_CHECKING:
    import pytest

    from chaos_mcp.events import BaseEvent, Event

RUN = "r1"
TWO_FAULTS: tuple[BaseEvent, ...] = (
    PhaseStarted(phase="inject"),
    armed("1-a"),
    FaultInjected(fault="1-a", name=NAME),
    armed("2-b"),
    FaultInjected(fault="2-b", name=NAME),
    FaultUndoing(fault="2-b", name=NAME),
    FaultUndone(fault="2-b", name=NAME),
    FaultVerified(fault="2-b", name=NAME),
    Noted(message="the rest is silence"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What stands on the disk, and since when."""

    content: bytes
    events: tuple[Event, ...]
    ends: tuple[int, ...]
    """By event: the bytes up to the end of its line."""

    @property
    def lines(self) -> list[bytes]:
        """Return the lines, each with its end."""
        return self.content.splitlines(keepends=True)

    def open_at(self, size: int) -> set[str]:
        """Return the faults that may stand once so many bytes were written."""
        found: set[str] = set()
        for event, end in zip(self.events, self.ends, strict=True):
            if end <= size and event.kind == "fault.armed":
                found.add(event.fault)
            if end <= size and event.kind == "fault.verified":
                found.remove(event.fault)
        return found


@cache
def two_faults() -> Told:
    """Return a journal in which one of two faults was taken back."""
    with tempfile.TemporaryDirectory() as name:
        folder, ends = Path(name), []
        journal = Journal(folder, RUN)
        for event in TWO_FAULTS:
            journal.record(event)
            ends.append((folder / FILE).stat().st_size)
        journal.close()
        content = (folder / FILE).read_bytes()
        return Told(content, tuple(journal.events), tuple(ends))


def lay(folder: Path, content: bytes) -> Path:
    """Put a journal with this content into a folder."""
    (folder / FILE).write_bytes(content)
    return folder


def go_on(folder: Path) -> Journal:
    """Take the run over, write one line more, and close the journal."""
    journal = Journal.reopen(folder)
    journal.record(RunEnded())
    journal.close()
    return journal


class Durable:
    """What would be left of a journal if the power were cut: what was synced."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.content = b""
        self.names: set[Path] = set()
        """Folders whose names are safe."""
        self._file = folder / FILE
        self._fsync = os.fsync
        patch.setattr(os, "fsync", self.fsync)

    def fsync(self, handle: int) -> None:
        """Sync for real, and remember what is safe now."""
        self._fsync(handle)
        synced = Path(f"/proc/self/fd/{handle}").resolve()
        if synced.is_dir():
            self.names.add(synced)
        elif synced == self._file:
            self.content = synced.read_bytes()
