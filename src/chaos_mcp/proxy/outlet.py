"""The far end of a link: what is due goes out, as fast as the peer takes it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    import socket

    from chaos_mcp.proxy.pipe import Pipe
    from chaos_mcp.proxy.toxics.base import Chunk, Ending


class Sender(Protocol):
    """Who wants to know how sending goes."""

    def drained(self) -> None:
        """Be told that nothing waits any more."""
        ...

    def broken(self) -> None:
        """Be told that the peer takes nothing any more."""
        ...

    def finished(self, ending: Ending) -> None:
        """Be told that an ending has its turn, all before it being sent."""
        ...


class Outlet:
    """Writes to a socket in order; what the peer does not take yet waits here."""

    __slots__ = (
        "_loop",
        "_number",
        "_sender",
        "_target",
        "_watching",
        "sent",
        "waiting",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, target: socket.socket, sender: Sender
    ) -> None:
        self.sent = 0
        self._loop, self._target, self._sender = loop, target, sender
        self._number = target.fileno()
        self.waiting: deque[Chunk | Pipe] = deque()
        """What waits for the peer."""
        self._watching = False

    def put(self, chunk: Chunk) -> None:
        """Send a chunk, or an ending, when its turn comes: mostly now."""
        self.waiting.append(chunk)
        if not self._watching:
            self._flush()

    def pass_on(self, data: memoryview | Pipe) -> None:
        """Send at once; keep only what the peer does not take yet.

        A view is copied for that, a pipe stays as it is until it is empty.
        """
        sent = 0 if self.waiting else self._send(data)
        if sent is None:
            return
        if isinstance(data, memoryview):
            if sent < len(data):
                self._keep(memoryview(bytes(data[sent:])))
        elif data:
            self._keep(data)

    def _keep(self, rest: memoryview | Pipe) -> None:
        self.waiting.append(rest)
        self._watch()

    def _flush(self) -> None:
        """Send what waits until the peer is full or nothing is left."""
        while self.waiting:
            chunk = self.waiting[0]
            if isinstance(chunk, str):
                self.waiting.clear()
                self._sender.finished(chunk)
                return
            sent = self._send(chunk)
            if sent is None:
                return
            rest = chunk[sent:] if isinstance(chunk, memoryview) else chunk
            if rest:
                self.waiting[0] = rest
                self._watch()
                return
            self.waiting.popleft()

    def _send(self, data: memoryview | Pipe) -> int | None:
        """Return the bytes that the peer took; None if it is gone."""
        try:
            if isinstance(data, memoryview):
                sent = self._target.send(data)
            else:
                sent = data.give(self._number)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.stop()
            self._sender.broken()
            return None
        self.sent += sent
        return sent

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            self._loop.add_writer(self._number, self._writable)

    def _writable(self) -> None:
        self._flush()
        if not self.waiting and self._watching:
            self._loop.remove_writer(self._number)
            self._watching = False
            self._sender.drained()

    def stop(self) -> None:
        """Send nothing more."""
        self.waiting.clear()
        if self._watching:
            self._loop.remove_writer(self._number)
            self._watching = False
