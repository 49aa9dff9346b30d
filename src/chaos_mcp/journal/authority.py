"""The right to act for a run, which can be taken from a process without killing it.

A run inside somebody's own program must not end that program when it falls silent. It
holds a lock while it harms, undoes or writes, and only then. Whoever gets the lock may
write into the file: from that on every attempt to act is refused, however late the
process wakes up.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from chaos_mcp.errors import JournalTaken
from chaos_mcp.failpoints import passing
from chaos_mcp.journal import handles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "authority"
PATIENCE = 1.0
"""Seconds that whoever is in the middle of something has to get through with it."""
POLL = 0.01


class Authority:
    """The right of one run to act; held only while something is being done."""

    def __init__(self, folder: Path) -> None:
        """Make the file; raise `OSError` if that is not possible."""
        flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
        self._handle = handles.keep(os.open(folder / FILE, flags, 0o644))
        self._depth = 0

    @property
    def lost(self) -> bool:
        """Tell whether it was taken away, which is for good."""
        return self._handle < 0 or os.fstat(self._handle).st_size > 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it; raise `JournalTaken` if it was taken away."""
        self._take()
        try:
            yield
        finally:
            self._give()

    def close(self) -> None:
        """Let go of the file; nothing can be done any more."""
        handles.close(self._handle)
        self._handle = -1

    def _take(self) -> None:
        if not self._depth and not self.lost:
            passing("hold")
            with suppress(OSError):  # no locks here: then it cannot be taken, either
                fcntl.flock(self._handle, fcntl.LOCK_EX)
        self._depth += 1
        if self.lost:
            self._give()
            raise JournalTaken(
                "the guardian has taken the run over; it undoes what stood"
            )

    def _give(self) -> None:
        self._depth -= 1
        if not self._depth and self._handle >= 0:
            with suppress(OSError):
                fcntl.flock(self._handle, fcntl.LOCK_UN)


def taken(folder: Path) -> bool:
    """Tell whether a run has lost the right to act."""
    try:
        return (folder / FILE).stat().st_size > 0
    except OSError:
        return False


def take_away(folder: Path, why: str, patience: float = PATIENCE) -> bool:
    """Take a run's right to act; False if it has none that can be taken now."""
    try:
        handle = os.open(folder / FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not _locked(handle, patience):
            return False
        os.ftruncate(handle, 1)  # no room is needed: a fault may have filled the disk
        with suppress(OSError):
            os.write(handle, f"{why}\n".encode())
        os.fsync(handle)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _locked(handle: int, patience: float) -> bool:
    """Lock a file, in time; raise `OSError` where files cannot be locked."""
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(POLL)
        else:
            return True
