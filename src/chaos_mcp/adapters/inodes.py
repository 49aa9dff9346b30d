"""Empty files in a directory of ours: they take no room, but a name each."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import anyio.to_thread

from chaos_mcp.adapters import filling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.adapters.local import Place

MARK = "README"
"""The file in it that says whose it is."""
EACH = 10_000
"""Files that a directory within it holds."""
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Inodes:
    """How many files a file system can have, and can still have."""

    total: int
    free: int


class Litter(Protocol):
    """Whoever makes empty files, and finds them again. Errors are `OSError`."""

    async def inodes(self, path: str) -> Inodes:
        """Return how many there are on the file system of a path."""
        ...

    async def begin(self, place: Place, name: str, header: bytes) -> None:
        """Make a directory, with a file in it that says whose it is."""
        ...

    async def more(self, place: Place, name: str, start: int, number: int) -> int:
        """Make so many files more; return how many there was room for."""
        ...

    async def count(self, place: Place, name: str) -> int:
        """Return how many files there are."""
        ...

    async def refuses(self, place: Place, name: str) -> bool:
        """Tell whether one file more is refused for want of room."""
        ...

    async def clear(self, place: Place, name: str, header: bytes) -> None:
        """Remove all of it, if it is what we have made."""
        ...


class LocalLitter:
    """Asks the kernel, in threads, since a disk may not answer."""

    async def inodes(self, path: str) -> Inodes:
        """Ask statvfs(3)."""
        found = await anyio.to_thread.run_sync(os.statvfs, path)
        return Inodes(found.f_files, found.f_favail)

    async def begin(self, place: Place, name: str, header: bytes) -> None:
        """Make it to the end even if cancelled, or it may come after its undo."""
        await anyio.to_thread.run_sync(partial(_begin, place, name, header))

    async def more(self, place: Place, name: str, start: int, number: int) -> int:
        """Make some to the end even if cancelled; they are few enough for that."""
        return await anyio.to_thread.run_sync(
            partial(_more, place, name, start, number)
        )

    async def count(self, place: Place, name: str) -> int:
        """List all of it."""
        return await anyio.to_thread.run_sync(partial(_count, place, name))

    async def refuses(self, place: Place, name: str) -> bool:
        """Try, and take it back."""
        return await anyio.to_thread.run_sync(partial(_refuses, place, name))

    async def clear(self, place: Place, name: str, header: bytes) -> None:
        """Remove what is called as our files are, and nothing else."""
        await anyio.to_thread.run_sync(
            partial(_clear, place, name, header), abandon_on_cancel=True
        )


def _begin(place: Place, name: str, header: bytes) -> None:
    with filling.armed(place) as folder:
        os.mkdir(name, 0o700, dir_fd=folder)
    with _inside(place, name) as ours:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        file = os.open(MARK, flags, 0o600, dir_fd=ours)
        try:
            os.write(file, header)
            os.fsync(file)
        finally:
            os.close(file)


def _more(place: Place, name: str, start: int, number: int) -> int:
    with _inside(place, name) as ours:
        for index in range(start, start + number):
            try:
                if index % EACH == 0:
                    os.mkdir(str(index // EACH), 0o700, dir_fd=ours)
                else:
                    os.mknod(f"{index // EACH}/{index}", 0o600, dir_fd=ours)
            except OSError as error:
                if error.errno in FULL:
                    return index - start
                raise
    return number


def _count(place: Place, name: str) -> int:
    with _inside(place, name) as ours:
        return sum(1 + sum(1 for _ in _files(ours, part)) for part in _parts(ours))


def _refuses(place: Place, name: str) -> bool:
    with _inside(place, name) as ours:
        try:
            os.mknod("probe", 0o600, dir_fd=ours)
        except OSError as error:
            if error.errno in FULL:
                return True
            raise
        os.unlink("probe", dir_fd=ours)
    return False


def _clear(place: Place, name: str, header: bytes) -> None:
    for path in filling.whereabouts(place):
        with suppress(FileNotFoundError, NotADirectoryError):
            with _folder(Path(path) / name) as ours:
                if _foreign(ours, header):
                    continue
                _empty(ours)
            (Path(path) / name).rmdir()


def _empty(ours: int) -> None:
    """Remove our files; a directory with others in it stays, and is seen to."""
    for part in [*_parts(ours)]:
        for file in _files(ours, part):
            os.unlink(f"{part}/{file}", dir_fd=ours)
        os.rmdir(part, dir_fd=ours)
    for one in ("probe", MARK):
        with suppress(FileNotFoundError):
            os.unlink(one, dir_fd=ours)


def _foreign(ours: int, header: bytes) -> bool:
    """Tell whether it says that it is another's; a crash leaves it saying less."""
    with suppress(FileNotFoundError):
        file = os.open(MARK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=ours)
        try:
            return not header.startswith(os.pread(file, len(header) + 1, 0))
        finally:
            os.close(file)
    return False


def _parts(ours: int) -> Iterator[str]:
    with os.scandir(ours) as found:
        yield from [
            one.name
            for one in found
            if one.name.isdigit() and one.is_dir(follow_symlinks=False)
        ]


def _files(ours: int, part: str) -> Iterator[str]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    folder = os.open(part, flags, dir_fd=ours)
    try:
        with os.scandir(folder) as found:
            yield from [one.name for one in found if one.name.isdigit()]
    finally:
        os.close(folder)


@contextmanager
def _inside(place: Place, name: str) -> Iterator[int]:
    with (
        filling.armed(place) as folder,
        filling.closing(os.open(name, filling.FOLDER, dir_fd=folder)) as ours,
    ):
        yield ours


@contextmanager
def _folder(path: Path) -> Iterator[int]:
    with filling.closing(os.open(path, filling.FOLDER)) as ours:
        yield ours
