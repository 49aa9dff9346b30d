"""Room on the disk that nobody else can take, for writing down an undo."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RESERVE = 128 * 1024
"""Bytes that only what is urgent may use: some hundred records."""
CHUNK = 1024 * 1024
"""Bytes by which the room grows ahead of the journal."""
_KEEP_SIZE = 1
"""FALLOC_FL_KEEP_SIZE of linux/falloc.h: blocks behind the end of the file."""
_UNSUPPORTED = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


class Room:
    """Blocks behind the journal's end; a file beside it where these cannot be had.

    A disk that a fault has filled must not keep its undo from being written down.
    """

    def __init__(self, handle: int, path: Path, size: int) -> None:
        """Take the room; raise `OSError` if there is none."""
        self._handle = handle
        self._until = 0
        self._beside = False
        try:
            self._extend(size)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            self._beside = True
            if not _beside(path).exists():
                _fill(_beside(path))

    def keep(self, size: int) -> None:
        """See that the reserve is still there behind this size."""
        if not self._beside and size + RESERVE > self._until:
            self._extend(size)

    def renew(self, size: int) -> None:
        """Take again, if it can be had, what was lost by cutting the journal."""
        self._until = 0
        with suppress(OSError):
            self.keep(size)

    def _extend(self, size: int) -> None:
        """Allocate a chunk more than the reserve, or at least the reserve."""
        try:
            self._allocate(size + RESERVE + CHUNK)
        except OSError as error:
            if error.errno in _UNSUPPORTED:
                raise
            self._allocate(size + RESERVE)

    def _allocate(self, until: int) -> None:
        length = until - self._until
        if length > 0:
            _fallocate(self._handle, self._until, length)
            self._until = until


def give(path: Path) -> bool:
    """Free the file beside a journal, whoever made it; tell whether there was one."""
    try:
        _beside(path).unlink()
    except OSError:
        return False
    return True


def give_back(handle: int, path: Path) -> None:
    """Free all that was kept for a journal, whoever kept it."""
    give(path)
    os.ftruncate(handle, os.fstat(handle).st_size)  # the blocks behind the end


def _beside(path: Path) -> Path:
    return path.with_name("reserve")


def _fallocate(handle: int, start: int, length: int) -> None:
    """Call fallocate(2), which Python has only in a form that changes the size."""
    if sys.platform != "linux":
        raise OSError(errno.EOPNOTSUPP, "no fallocate here")
    import ctypes  # noqa: PLC0415 - first needed before the first harm

    libc = ctypes.CDLL(None, use_errno=True)
    big = ctypes.c_int64
    if libc.fallocate(handle, _KEEP_SIZE, big(start), big(length)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _fill(path: Path) -> None:
    try:
        with path.open("wb") as file:
            file.write(os.urandom(RESERVE))  # not zeros: those may take no room
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
