"""The disk under the shop's books: how much room it has, and ballast to throw off.

Ballast is a file that only takes up room. Once the disk is full it is thrown off, and
what it took is room for the orders of some time more, in which somebody may notice.
"""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ORDER = 64 * 1024
"""Bytes that must be free for one order: a few pages, in the database and its log."""


class DiskFull(Exception):
    """There is no room for another order."""


class Disk:
    """A directory, and the room in it.

    With a `size` the directory counts as a disk of so many bytes, for machines on which
    nobody may make a disk so small; without, the disk says itself when it is full.
    """

    def __init__(self, folder: Path, size: int | None = None, ballast: int = 0) -> None:
        self._folder, self._size, self._ballast = folder, size, ballast
        self._weight = folder / "ballast"
        folder.mkdir(parents=True, exist_ok=True)
        self._load()

    def write(self, work: Callable[[], T]) -> T:
        """Do `work`, which writes; raise `DiskFull` if there is no room for that."""
        if self._free() < ORDER and not self._throw_off():
            raise DiskFull("there is no room for another order")
        try:
            done = work()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            if not self._throw_off():
                raise DiskFull("there is no room for another order") from error
            return work()
        self._settle()
        return done

    def _settle(self) -> None:
        """Take ballast again once there is room for it and more."""
        if not self._weight.exists() and self._free() > 2 * self._ballast:
            self._load()

    def close(self) -> None:
        """Leave no ballast behind."""
        self._weight.unlink(missing_ok=True)

    def _free(self) -> int:
        if self._size is None:
            return ORDER
        return self._size - sum(map(_size, self._folder.iterdir()))

    def _load(self) -> None:
        if self._ballast:
            with contextlib.suppress(OSError):
                self._weight.write_bytes(bytes(self._ballast))

    def _throw_off(self) -> bool:
        """Give the ballast's room to the orders; tell whether there was any."""
        try:
            self._weight.unlink()
        except FileNotFoundError:
            return False
        return True


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0
