"""Unix sockets as addresses, `unix:/a/path`: Toxiproxy has no such thing."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

PREFIX = "unix:/"
LONGEST = 107 if os.uname().sysname == "Linux" else 103
"""Bytes that the path of a socket may have; the system has room for no more."""
PRIVATE = 0o177
"""Who else on this machine may connect: nobody but this user."""


class UnixError(Exception):
    """A path at which there can be no socket; the message says why."""

    def __init__(self, message: str, *, busy: bool = False) -> None:
        super().__init__(message)
        self.busy = busy


def path_of(address: str) -> str | None:
    """Return the path that an address names; None if it is no Unix socket's."""
    return address[len(PREFIX) - 1 :] if address.startswith(PREFIX) else None


def check(address: str) -> None:
    """Raise `UnixError` if an address names a path that no socket can have."""
    path = path_of(address) or ""
    size = len(os.fsencode(path))
    if size > LONGEST:
        raise UnixError(f"the path has {size} bytes, {LONGEST} are possible")
    if "\0" in path:
        raise UnixError("the path has a zero byte in it")


class Served(socket.socket):
    """A socket that listens at a path, and takes its file with it when it closes."""

    _file: tuple[int, int] | None = None

    def serve(self, path: str, queue: int) -> None:
        """Listen at a path that only this user may connect to."""
        before = os.umask(PRIVATE)
        try:
            self.bind(path)
        finally:
            os.umask(before)
        self._path = path
        self._file = _identity(path)
        self.listen(queue)
        self.setblocking(False)  # noqa: FBT003 - the name of the method says what

    def close(self) -> None:
        """Close, and remove the file, if it still is the one that was made."""
        if self._file and self.fileno() >= 0 and _identity(self._path) == self._file:
            with suppress(OSError):
                Path(self._path).unlink()
        super().close()


def listen(address: str, queue: int) -> socket.socket:
    """Return a socket that listens at a path; raise `UnixError` if that cannot be.

    A file that a dead process of this user has left there is removed, no other.
    """
    check(address)
    path = path_of(address) or ""
    _remove_dead(path)
    one = Served(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        one.serve(path, queue)
    except OSError as error:
        one.close()
        raise UnixError((error.strerror or str(error)).lower()) from None
    return one


def _identity(path: str) -> tuple[int, int] | None:
    with suppress(OSError):
        found = Path(path).lstat()
        return found.st_dev, found.st_ino
    return None


def _remove_dead(path: str) -> None:
    """Remove a socket that nobody listens on; refuse whatever else is there."""
    try:
        found = Path(path).lstat()
    except OSError:
        return  # nothing is there, or `bind` will say why not
    if not stat.S_ISSOCK(found.st_mode):
        raise UnixError("a file is there that is no socket")
    if _lives(path):
        raise UnixError("address already in use", busy=True)
    if found.st_uid != os.geteuid():
        raise UnixError("somebody else's socket is there")
    if _identity(path) == (found.st_dev, found.st_ino):
        Path(path).unlink(missing_ok=True)


def _lives(path: str) -> bool:
    """Tell whether somebody listens; whoever cannot be asked is taken to."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.setblocking(False)  # noqa: FBT003 - the name of the method says what
        try:
            one.connect(path)
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
    return True
