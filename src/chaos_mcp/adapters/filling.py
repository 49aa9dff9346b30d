"""A file that does nothing but take room, and is known again by how it begins."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.adapters.local import Place, Presence

BLOCK = 4096
SECTOR = 512
"""What the kernel counts the blocks of a file in."""
PIECE = 2**20
AT_ONCE = 2**22
"""Bytes that one step writes where room cannot be had without writing."""
TAKEN = 0.9
"""The share of what was asked for that must really be taken; else it is pretence."""
FULL = (errno.ENOSPC, errno.EDQUOT)
UNABLE = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.ENODEV)
"""How a file system says that it gives no room ahead of writing."""
FOREIGN = (errno.ELOOP, errno.EISDIR, errno.ENXIO)
"""What opening says of a link, a directory, a socket."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def create(place: Place, name: str, header: bytes) -> None:
    """Make a file that begins with a header, and write that down before all else."""
    with (
        armed(place) as folder,
        closing(
            os.open(
                name, FILE | os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder
            )
        ) as file,
    ):
        os.write(file, header)
        os.fsync(file)


def grow(place: Place, name: str, size: int) -> int:
    """Let a file take up to so many bytes on the disk; return how many it has."""
    with _opened(place, name, os.O_RDWR) as file:
        now = os.fstat(file).st_size
        if now < size and not _allocated(file, now, size):
            _write(file, now, min(size, now + AT_ONCE))
        return os.fstat(file).st_size


def _allocated(file: int, now: int, size: int) -> bool:
    """Ask for the room; tell whether that was answered, if only by: there is none."""
    try:
        os.posix_fallocate(file, now, size - now)
    except AttributeError:  # not on macOS
        return False
    except OSError as error:
        if error.errno in FULL:
            return True
        if error.errno in UNABLE:
            return False
        raise
    if os.fstat(file).st_blocks * SECTOR >= size * TAKEN:
        return True
    os.ftruncate(file, now)
    return False


def _write(file: int, now: int, size: int) -> None:
    """Write what can be neither compressed nor left out."""
    while now < size:
        try:
            now += os.pwrite(file, os.urandom(min(PIECE, size - now)), now)
        except OSError as error:
            if error.errno in FULL:
                return
            raise


def held(place: Place, name: str) -> int:
    """Return how many bytes on the disk a file takes."""
    with _opened(place, name, os.O_RDONLY) as file:
        return os.fstat(file).st_blocks * SECTOR


def refuses(place: Place, name: str) -> bool | None:
    """Tell whether one block more is refused; None: not to root, who has a reserve."""
    found = os.statvfs(place.path)
    if os.geteuid() == 0 and found.f_bfree > found.f_bavail:
        return None
    with _opened(place, name, os.O_WRONLY) as file:
        try:
            # Beyond the last block, which may have room of its own.
            os.pwrite(file, bytes(BLOCK), os.fstat(file).st_size + BLOCK)
            os.fsync(file)
        except OSError as error:
            if error.errno in FULL:
                return True
            raise
    return False


def remove(place: Place, name: str, header: bytes) -> None:
    """Remove a file if it is the one that we made, wherever its directory is now."""
    for path in whereabouts(place):
        with suppress(FileNotFoundError, NotADirectoryError), _folder(path) as folder:
            _remove(folder, name, header)


def _remove(folder: int, name: str, header: bytes) -> None:
    try:
        opened = os.open(name, FILE | os.O_RDWR, dir_fd=folder)
    except OSError as error:
        if error.errno in FOREIGN:
            return
        raise
    with closing(opened) as file:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or not _ours(file, header):
            return
        # Emptied first: whoever still has it open, a backup say, would keep the room.
        os.ftruncate(file, 0)
        named = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if os.path.samestat(named, found):
            os.unlink(name, dir_fd=folder)


def _ours(file: int, header: bytes) -> bool:
    """Tell whether a file of our name begins as ours does.

    A crash may have left a part of the header, or nothing. The name carries the tag of
    one fault of one run, and arming saw that nobody had it.
    """
    found = os.pread(file, len(header), 0)
    return header.startswith(found.rstrip(b"\0"))


def presence(place: Place, name: str, identity: str) -> Presence:
    """Tell from lists of names whether a file is there."""
    for path in whereabouts(place):
        with suppress(FileNotFoundError, NotADirectoryError):
            if name in {one.name for one in Path(path).iterdir()}:
                return "there"
    above = next(one for one in (_path(place), *_path(place).parents) if one.exists())
    same = above.stat().st_dev == place.device
    return "gone" if same or _identity(above) == identity != "0" else "unmounted"


def _identity(path: Path) -> str:
    return f"{os.statvfs(path).f_fsid:x}"


def _path(place: Place) -> Path:
    return Path(place.path)


def whereabouts(place: Place) -> Iterator[str]:
    """Yield where a directory is: under its name, and beside if it was renamed."""
    yield place.path
    with suppress(OSError):
        if _is(place, _path(place).lstat()):
            return
    with suppress(OSError):
        for one in _path(place).parent.iterdir():
            with suppress(OSError):
                if _is(place, one.lstat()):
                    yield str(one)


def _is(place: Place, found: os.stat_result) -> bool:
    return (found.st_dev, found.st_ino) == (place.device, place.inode)


@contextmanager
def closing(file: int) -> Iterator[int]:
    """Yield an open file, and close it."""
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def _folder(path: str) -> Iterator[int]:
    with closing(os.open(path, FOLDER)) as folder:
        yield folder


@contextmanager
def armed(place: Place) -> Iterator[int]:
    """Open exactly the directory that was armed, not one that has its name by now."""
    with _folder(place.path) as folder:
        if not _is(place, os.fstat(folder)):
            raise FileNotFoundError(errno.ENOENT, "the directory was replaced")
        yield folder


@contextmanager
def _opened(place: Place, name: str, mode: int) -> Iterator[int]:
    with (
        armed(place) as folder,
        closing(os.open(name, FILE | mode, dir_fd=folder)) as file,
    ):
        yield file
