"""Room on the disk that nobody else can take, for writing down an undo."""

from __future__ import annotations

import ctypes
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
        self._beside: Path | None = None
        try:
            self._extend(size)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            self._beside = path.with_name("reserve")
            _fill(self._beside)

    def keep(self, size: int) -> None:
        """See that the reserve is still there behind this size."""
        if self._beside is None and size + RESERVE > self._until:
            self._extend(size)

    def give(self) -> bool:
        """Free the file beside the journal, once; tell whether that was possible."""
        if self._beside is None:
            return False
        beside, self._beside = self._beside, None
        with suppress(OSError):
            beside.unlink()
        return True

    def close(self, size: int) -> None:
        """Give back what was not used."""
        if self.give():
            return
        os.ftruncate(self._handle, size)

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


def _fallocate(handle: int, start: int, length: int) -> None:
    """Call fallocate(2), which Python has only in a form that changes the size."""
    if sys.platform != "linux":
        raise OSError(errno.EOPNOTSUPP, "no fallocate here")
    libc = ctypes.CDLL(None, use_errno=True)
    big = ctypes.c_int64
    if libc.fallocate(handle, _KEEP_SIZE, big(start), big(length)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _fill(path: Path) -> None:
    with path.open("wb") as file:
        file.write(os.urandom(RESERVE))  # not zeros: those may take no room
        file.flush()
        os.fsync(file.fileno())
