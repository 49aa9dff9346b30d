"""Bytes that go from socket to socket inside the kernel, where Linux can do that."""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import suppress

from chaos_mcp.proxy.limits import is_kept

SIZE = 1 << 20
"""Bytes that a pipe should hold; it holds less for a user who has many."""


class Pipe:
    """Holds what was taken from a socket and not yet given to another.

    `splice` moves pages instead of copying them: half the work for bulk traffic.
    """

    def __init__(self) -> None:
        self._out, self._in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._inside = 0
        self._flags = os.SPLICE_F_NONBLOCK | os.SPLICE_F_MOVE
        with suppress(OSError):
            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, SIZE)

    def __len__(self) -> int:
        """Return the bytes inside."""
        return self._inside

    @property
    def is_spare(self) -> bool:
        """Tell whether nobody needs its descriptors more than it does."""
        return not is_kept(max(self._out, self._in))

    def fill(self, source: int) -> int:
        """Take from a socket what fits, and return how much that is."""
        taken = os.splice(source, self._in, SIZE, flags=self._flags)
        self._inside += taken
        return taken

    def give(self, target: int) -> int:
        """Give a socket what it takes, and return how much that is."""
        given = os.splice(self._out, target, self._inside, flags=self._flags)
        self._inside -= given
        return given

    def close(self) -> None:
        """Let go of the pipe, and of what is inside."""
        for end in (self._out, self._in):
            os.close(end)


def opened() -> Pipe | None:
    """Return a pipe; None where there is no such thing, or no descriptor left."""
    if sys.platform != "linux":
        return None
    with suppress(OSError):
        made = Pipe()
        if made.is_spare:
            return made
        made.close()
    return None
