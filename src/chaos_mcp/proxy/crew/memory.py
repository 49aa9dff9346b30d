"""What all workers have in common: how far connections are counted, and lines used."""

from __future__ import annotations

import fcntl
import os
import struct
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.toxics.bandwidth import Line

if TYPE_CHECKING:
    from collections.abc import Callable

_WHOLE, _REAL = struct.Struct("=Q"), struct.Struct("=d")
SIZE = 8


class Memory:
    """A file in memory with a number at each place, each behind a lock of its own."""

    def __init__(self) -> None:
        self._file = os.memfd_create("what workers have in common")

    def count(self, place: int) -> int:
        """Return the next whole number, from 1 on; nobody else has it."""
        return int(self._change(place, _WHOLE, lambda before: before + 1))

    def move(self, place: int, work: Callable[[float], float]) -> float:
        """Return a number as it is made of what it was, without anybody between."""
        return float(self._change(place, _REAL, work))

    def _change(
        self, place: int, kind: struct.Struct, work: Callable[[Any], Any]
    ) -> Any:
        where = place * SIZE
        fcntl.lockf(self._file, fcntl.LOCK_EX, SIZE, where)
        try:
            before = os.pread(self._file, SIZE, where).ljust(SIZE, b"\0")
            after = work(kind.unpack(before)[0])
            os.pwrite(self._file, kind.pack(after), where)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, SIZE, where)
        return after


class CommonLine(Line):
    """A line that connections of all workers go over; they have one clock."""

    def __init__(self, memory: Memory, place: int) -> None:
        super().__init__()
        self._memory, self._place = memory, place

    def clear(self, now: float) -> None:
        """Have the line free from now on."""
        self._memory.move(self._place, lambda _: now)

    def reserve(self, at: float, seconds: float) -> float:
        """Take the next slot of the line, and return when it is over."""
        return self._memory.move(self._place, lambda free: max(at, free) + seconds)
