"""The near end of a link: what a socket has is read, as long as somebody wants it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from chaos_mcp.proxy import pipe

if TYPE_CHECKING:
    import asyncio
    import socket

    from chaos_mcp.proxy.toxics.base import Ending

READ = 256 * 1024
"""Bytes that are read at once where nothing stands in their way."""
SIP = 64 * 1024
"""Bytes that are read at once where they may have to wait."""
STREAK = 4
"""Reads of one kind in a row that tell bulk traffic from a conversation."""
# One loop, one thread: what is read is sent or copied before the next is read.
_BUFFER = memoryview(bytearray(READ))
_START = _BUFFER[:SIP]


class Receiver(Protocol):
    """Who wants to have what is read."""

    def arrived(self, data: memoryview | pipe.Pipe) -> None:
        """Be given data, which is only there until the next is read."""
        ...

    def cut(self, ending: Ending) -> None:
        """Be told that the source has ended the stream."""
        ...


class Inlet:
    """Reads from a socket; bulk traffic through a pipe, if it may be seen by nobody."""

    __slots__ = (
        "_loop",
        "_number",
        "_pipe",
        "_reading",
        "_receiver",
        "_source",
        "_stopped",
        "_streak",
        "received",
        "sips",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        source: socket.socket,
        receiver: Receiver,
    ) -> None:
        self.received = 0
        self.sips = False
        """Whether somebody looks at the data, and may have it wait."""
        self._loop, self._source, self._receiver = loop, source, receiver
        self._number = source.fileno()
        self._reading = self._stopped = False
        self._pipe: pipe.Pipe | None = None
        self._streak = 0

    def gate(self, *, wanted: bool) -> None:
        """Read from now on, or no more."""
        if wanted != self._reading:
            self._reading = wanted
            if wanted:
                self._loop.add_reader(self._number, self._readable)
            else:
                self._loop.remove_reader(self._number)

    def _readable(self) -> None:
        # A small message, the most frequent case, takes no step more than it must.
        plain = self._pipe is None and not self.sips
        try:
            size = self._source.recv_into(_BUFFER) if plain else self._read()
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._receiver.cut("reset")
            return
        if not size:
            self._receiver.cut("end")
            return
        self.received += size
        if self.sips:
            self._receiver.arrived(_BUFFER[:size])
        else:
            self._receiver.arrived(self._pipe or _BUFFER[:size])
            if size == READ or self._streak or not plain:
                self._choose(size)

    def _read(self) -> int:
        """Read into the pipe, or into the buffer, and return how much that was.

        What a pipe gets nothing of is asked for once more without it: at urgent
        data `splice` stops for good, and tells of an end where there is more.
        """
        if self.sips:
            return self._source.recv_into(_START)
        if self._pipe is not None:
            with suppress(BlockingIOError):
                if size := self._pipe.fill(self._number):
                    return size
        return self._source.recv_into(_BUFFER)

    def _choose(self, size: int) -> None:
        """Take a pipe for bulk traffic, and none for a conversation."""
        if self._stopped:
            return
        odd = (size == READ) if self._pipe is None else (size < SIP)
        self._streak = self._streak + 1 if odd else 0
        if self._streak >= STREAK:
            self._streak = 0
            if self._pipe is None:
                self._pipe = pipe.opened()
            elif not self._pipe:  # what is inside has to get out first
                self._close_pipe()

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def stop(self) -> None:
        """Read nothing more."""
        self._stopped = True
        self.gate(wanted=False)
        self._close_pipe()
