"""One direction of a connection: read, pass through the toxics, write when due."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from random import Random
from typing import Protocol

from chaos_mcp.proxy.toxics import TOXICS
from chaos_mcp.proxy.toxics.base import END, Chunk, Close, Piece, Stage, Toxic

READ = 256 * 1024
MOST = 8 * 1024 * 1024
"""Bytes that may wait in a link; reading pauses above."""


class Owner(Protocol):
    """Who holds both directions together."""

    def close(self, how: Close) -> None:
        """End the connection, with a reset or without."""
        ...

    def link_ended(self) -> None:
        """Be told that one direction has come to its end."""
        ...


class Link:
    """Carries bytes from one socket to another, in order, each at its time.

    Everything happens on one loop, without tasks: a change of toxics takes effect
    between two chunks.
    """

    def __init__(
        self,
        source: socket.socket,
        target: socket.socket,
        number: int,
        owner: Owner,
        seed: str,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.source, self.target = source, target
        self.number = number
        self.received = 0
        self.sent = 0
        self.ended = False
        self._close, self._on_end = owner.close, owner.link_ended
        self._seed = seed
        self._stages: dict[str, Stage] = {}
        self._queue: deque[Piece] = deque()
        self._waiting = 0
        self._unsent: memoryview | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._reading = self._eof = self._dead = False

    def start(self, toxics: list[Toxic]) -> None:
        """Begin to carry, with these toxics in this order."""
        self.change(toxics)
        self._read_on()

    def change(self, toxics: list[Toxic], released: str = "") -> None:
        """Work with these toxics from the next byte on.

        What waits because of the toxic called `released` waits no longer. A toxic
        that has swallowed something leaves nothing to go on with.
        """
        before = self._stages
        self._stages = {
            one.name: before.get(one.name) or self._stage(one)
            for one in toxics
            if self._rolled(one)
        }
        gone = [stage for name, stage in before.items() if name not in self._stages]
        if any(stage.spoilt for stage in gone):
            self._close("close")
            return
        if released:
            now = self.loop.time()
            self._queue = deque((min(due, now), piece) for due, piece in self._queue)
            for stage in self._stages.values():
                stage.free_at = now
        self._begin()
        self._schedule()

    def _rolled(self, toxic: Toxic) -> bool:
        """Tell whether a toxic meets this connection: one roll, whatever changes."""
        if toxic.toxicity >= 1:
            return True
        chance = Random(f"{self._seed}/{toxic.name}")  # noqa: S311 - repeatable
        return chance.random() < toxic.toxicity

    def _stage(self, toxic: Toxic) -> Stage:
        chance = Random(f"{self._seed}/{toxic.name}/at work")  # noqa: S311 - repeatable
        return TOXICS[toxic.type](toxic, self.number, chance)

    def _begin(self) -> None:
        """Set the clock of a toxic that closes by itself."""
        if self._closing:
            self._closing.cancel()
            self._closing = None
        now = self.loop.time()
        times = [stage.begin(now) for stage in self._stages.values()]
        due = min((time for time in times if time is not None), default=None)
        if due is not None:
            self._closing = self.loop.call_at(due, self._time_is_up)

    def _time_is_up(self) -> None:
        for stage in self._stages.values():
            if stage.begin(0.0) is not None:
                stage.acted(closed=1)
        self._close("close")

    def _read_on(self) -> None:
        if not self._reading and not self._eof and not self._dead:
            self.loop.add_reader(self.source.fileno(), self._readable)
            self._reading = True

    def _read_no_more(self) -> None:
        if self._reading:
            self.loop.remove_reader(self.source.fileno())
            self._reading = False

    def _readable(self) -> None:
        try:
            chunk = self.source.recv(READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._close("reset")
            return
        self.received += len(chunk)
        if not chunk:
            self._eof = True
            self._read_no_more()
        self._accept(chunk or END)

    def _accept(self, chunk: Chunk) -> None:
        if self._stages:
            self._pass(chunk)
        elif self._queue or self._unsent or chunk is END:
            self._put((self.loop.time(), chunk))
        else:
            self._write(chunk)
        self._schedule()
        if self._waiting > MOST:
            self._read_no_more()

    def _pass(self, chunk: Chunk) -> None:
        """Send a chunk through all toxics, each taking what the one before gives."""
        pieces: list[Piece] = [(self.loop.time(), chunk)]
        for stage in self._stages.values():
            pieces = [out for piece in pieces for out in _through(stage, piece)]
        for piece in pieces:
            self._put(piece)
        if self._closing:
            self._begin()

    def _put(self, piece: Piece) -> None:
        due, chunk = piece
        if self._queue:
            due = max(due, self._queue[-1][0])
        self._queue.append((due, chunk))
        self._waiting += _size(chunk)

    def _schedule(self) -> None:
        """Write what is due, and wake up for what is not."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._queue and not self._unsent and not self._dead:
            due, chunk = self._queue[0]
            if due > self.loop.time():
                self._timer = self.loop.call_at(due, self._schedule)
                break
            self._queue.popleft()
            self._waiting -= _size(chunk)
            self._deliver(chunk)
        if self._waiting <= MOST // 2 and not self._unsent:
            self._read_on()

    def _deliver(self, chunk: Chunk | Close) -> None:
        if isinstance(chunk, bytes):
            self._write(chunk)
        elif chunk is END:
            self._end()
        else:
            self._close(chunk)

    def _write(self, chunk: bytes) -> None:
        try:
            sent = self.target.send(chunk)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._close("reset")
            return
        self.sent += sent
        if sent < len(chunk):
            self._unsent = memoryview(chunk)[sent:]
            self._read_no_more()
            self.loop.add_writer(self.target.fileno(), self._writable)

    def _writable(self) -> None:
        rest = self._unsent
        assert rest is not None  # noqa: S101 - the writer is there only for a rest
        try:
            sent = self.target.send(rest)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._close("reset")
            return
        self.sent += sent
        self._unsent = rest[sent:] if sent < len(rest) else None
        if self._unsent is None:
            self.loop.remove_writer(self.target.fileno())
            self._schedule()

    def _end(self) -> None:
        """Pass the end of the stream on, leaving the other direction as it is."""
        try:
            self.target.shutdown(socket.SHUT_WR)
        except OSError:
            self._close("close")
            return
        self.ended = True
        self._on_end()

    def stop(self) -> None:
        """Carry nothing more."""
        self._dead = True
        self._read_no_more()
        if self._unsent is not None:
            self.loop.remove_writer(self.target.fileno())
            self._unsent = None
        for timer in (self._timer, self._closing):
            if timer:
                timer.cancel()
        self._queue.clear()


def _through(stage: Stage, piece: Piece) -> list[Piece]:
    due, chunk = piece
    if isinstance(chunk, str):
        return [piece]
    return list(stage.pipe(due, chunk))


def _size(chunk: Chunk | Close) -> int:
    return len(chunk) if isinstance(chunk, bytes) else 0
