"""The journal's file: append-only, locked by its writer, with room for the undo."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from chaos_mcp.errors import JournalBusy, JournalFailed
from chaos_mcp.journal import handles
from chaos_mcp.journal.authority import FILE as AUTHORITY
from chaos_mcp.journal.authority import taken
from chaos_mcp.journal.room import Room, give, give_back

if TYPE_CHECKING:
    from pathlib import Path

FILE = "events.jsonl"


class JournalFile:
    """One open journal; whoever has it open for writing is the only one.

    Every method raises `JournalFailed` when the disk does not do what was asked.
    """

    def __init__(
        self, handle: int, path: Path, size: int, *, named: bool = True
    ) -> None:
        """Take over an open file; `named` tells whether the disk knows its name."""
        self.handle = handle
        self.path = path
        self.size = size
        self._room: Room | None = None
        self._torn = False
        self._named = named
        self._guard = -1
        """What is locked in the journal's stead, where a living process has that."""

    @classmethod
    def create(cls, folder: Path) -> JournalFile:
        """Make the file; it must not be there yet."""
        path = folder / FILE
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
        try:
            handle = _locked(os.open(path, flags, 0o644), path)
        except OSError as error:
            raise JournalFailed(f"cannot create {path}: {error}") from error
        return cls(handle, path, 0, named=False)

    @classmethod
    def reopen(cls, folder: Path) -> JournalFile:
        """Open the file of a run whose writer is gone.

        Raise `JournalBusy` while somebody else writes it.
        """
        path = folder / FILE
        try:
            if taken(folder):
                return cls._beside(folder)
            flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
            handle = _locked(os.open(path, flags), path)
            return cls(handle, path, os.fstat(handle).st_size)
        except OSError as error:
            raise JournalFailed(f"cannot open {path}: {error.strerror}") from error

    @classmethod
    def _beside(cls, folder: Path) -> JournalFile:
        """Open the file of a run whose writer may live, and may not write any more."""
        path = folder / FILE
        guard = _locked(os.open(folder / AUTHORITY, os.O_RDWR | os.O_CLOEXEC), path)
        try:
            handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except OSError:
            os.close(guard)
            raise
        made = cls(handle, path, os.fstat(handle).st_size)
        made._guard = guard
        return made

    def keep_room(self) -> None:
        """Reserve room for what must be written on a full disk; do this before harm."""
        if self._room is None:
            try:
                self._room = Room(self.handle, self.path, self.size)
            except OSError as error:
                raise JournalFailed(
                    f"there is no room to write down an undo: {error.strerror}"
                ) from error

    def append(self, line: bytes, *, urgent: bool = False) -> None:
        """Append a line, or nothing of it; an urgent one may use the reserve."""
        try:
            if self._room and not urgent:
                self._room.keep(self.size + len(line))
            self._write(line)
        except OSError as error:
            if not (urgent and give(self.path)):
                raise JournalFailed(f"cannot write the journal: {error}") from error
            self.append(line, urgent=urgent)

    def sync(self) -> None:
        """Return once everything is on the disk, and can be found there."""
        self.flush()
        if not self._named:
            try:
                for one in (self.path.parent, self.path.parent.parent):
                    sync_folder(one)
            except OSError as error:
                raise JournalFailed(f"cannot sync {self.path}: {error}") from error
            self._named = True

    def flush(self) -> None:
        """Return once the lines are on the disk; before harm, that is not enough."""
        try:
            os.fsync(self.handle)
        except OSError as error:
            raise JournalFailed(f"cannot sync the journal: {error}") from error

    def cut(self, size: int) -> None:
        """Cut off a torn end: what comes next must not be glued to half a line."""
        try:
            os.ftruncate(self.handle, size)
        except OSError as error:
            raise JournalFailed(f"cannot cut the journal: {error}") from error
        self.size = size
        # The blocks behind the end went with it, and the disk may be full.
        with suppress(JournalFailed):
            self.keep_room()

    def close(self, *, keep: bool = False) -> None:
        """Close the file, which unlocks it, and give the reserve back.

        `keep` leaves it to whoever goes on with the journal.
        """
        if not keep:
            with suppress(OSError):
                give_back(self.handle, self.path)
        for handle in (self.handle, self._guard):
            handles.close(handle)

    def _write(self, line: bytes) -> None:
        line = b"\n" + line if self._torn else line
        written = 0
        try:
            while written < len(line):
                written += os.write(self.handle, line[written:])
        except OSError:
            if written:
                self._take_back()
            raise
        self._torn = False
        self.size += written

    def _take_back(self) -> None:
        """Cut off half a line, which would swallow the next; or else end it there."""
        try:
            os.ftruncate(self.handle, self.size)
        except OSError:
            self._torn = True
            self.size = os.fstat(self.handle).st_size
        else:
            if self._room:
                self._room.renew(self.size)


def locked(folder: Path) -> bool | None:
    """Tell whether somebody writes the journal at the moment; None: nobody knows."""
    path = folder / FILE
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(handle)
    return False


def _locked(handle: int, path: Path) -> int:
    """Return a handle that nobody else has locked; the kernel unlocks what dies."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise JournalBusy(f"{path} is being written by another process") from None
    except OSError:
        pass  # a file system without locks: only who is alive can tell, then
    return handles.keep(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, not only the files' content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
