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

    def __init__(
        self, loop: asyncio.AbstractEventLoop, target: socket.socket, sender: Sender
    ) -> None:
        self.sent = 0
        self._loop, self._target, self._sender = loop, target, sender
        self._waiting: deque[Chunk | Pipe] = deque()
        self._watching = False

    @property
    def blocked(self) -> bool:
        """Tell whether something waits for the peer."""
        return bool(self._waiting)

    def put(self, chunk: Chunk) -> None:
        """Send a chunk, or an ending, when its turn comes: mostly now."""
        self._waiting.append(chunk)
        if not self._watching:
            self._flush()

    def pass_on(self, data: memoryview | Pipe) -> None:
        """Send at once; keep only what the peer does not take yet.

        A view is copied for that, a pipe stays as it is until it is empty.
        """
        sent = 0 if self._waiting else self._send(data)
        if sent is None:
            return
        rest = memoryview(bytes(data[sent:])) if isinstance(data, memoryview) else data
        if rest:
            self._waiting.append(rest)
            self._watch()

    def _flush(self) -> None:
        """Send what waits until the peer is full or nothing is left."""
        while self._waiting:
            chunk = self._waiting[0]
            if isinstance(chunk, str):
                self._waiting.clear()
                self._sender.finished(chunk)
                return
            sent = self._send(chunk)
            if sent is None:
                return
            rest = chunk[sent:] if isinstance(chunk, memoryview) else chunk
            if rest:
                self._waiting[0] = rest
                self._watch()
                return
            self._waiting.popleft()

    def _send(self, data: memoryview | Pipe) -> int | None:
        """Return the bytes that the peer took; None if it is gone."""
        try:
            if isinstance(data, memoryview):
                sent = self._target.send(data)
            else:
                sent = data.give(self._target.fileno())
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
            self._loop.add_writer(self._target.fileno(), self._writable)

    def _writable(self) -> None:
        self._flush()
        if not self._waiting and self._watching:
            self._loop.remove_writer(self._target.fileno())
            self._watching = False
            self._sender.drained()

    def stop(self) -> None:
        """Send nothing more."""
        self._waiting.clear()
        if self._watching:
            self._loop.remove_writer(self._target.fileno())
            self._watching = False
