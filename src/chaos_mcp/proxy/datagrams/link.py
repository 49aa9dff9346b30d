"""One direction of a session: datagrams pass the toxics, and go out when due."""

from __future__ import annotations

import asyncio
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from chaos_mcp.proxy.toxics.base import NEVER
from chaos_mcp.proxy.toxics.datagrams import DATAGRAMS, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chaos_mcp.proxy.toxics.place import Place
    from chaos_mcp.proxy.toxics.toxic import Toxic

ROOM = 2**20
"""Bytes that may wait; what does not fit is lost, as in any queue of a network."""
OVERHEAD = 256
"""Bytes that a datagram takes in memory beside its own."""


class _Waiting(NamedTuple):
    """A datagram, when it is due, and the toxics that it has yet to pass."""

    due: float
    number: int
    data: bytes
    held: Work
    rest: tuple[Work, ...]


class DatagramLink:
    """Carries datagrams to one side; what may wait is bounded."""

    def __init__(self, place: Place, send: Callable[[bytes], bool]) -> None:
        self.received = self.sent = 0
        self._place = place
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._known: dict[Toxic, Work] = {}
        self._live: tuple[Work, ...] = ()
        self._waiting: list[_Waiting] = []
        self._held = self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._dead = False

    @property
    def toxics(self) -> Iterable[Work]:
        """Return all toxics of this direction, those that spare it among them."""
        return self._known.values()

    def change(self, toxics: Iterable[Toxic], updated: Toxic | None = None) -> None:
        """Work with these toxics from now on; what waits in others goes on at once."""
        del updated  # a toxic looks at its attributes with every datagram
        self._known = {
            one: self._known.get(one) or DATAGRAMS[one.type](one, self._place)
            for one in toxics
        }
        self._live = tuple(one for one in self._known.values() if one.meets)
        now = self._loop.time()
        self._waiting = [
            one if one.held in self._live else one._replace(due=now)
            for one in self._waiting
        ]
        heapify(self._waiting)
        self._run()

    def arrived(self, data: bytes) -> None:
        """Take a datagram: to the toxics, or straight to the other side."""
        self.received += len(data)
        self._pass(self._loop.time(), data, self._live)
        self._run()

    def _pass(self, at: float, data: bytes, rest: tuple[Work, ...]) -> None:
        """Let a datagram go on, to the next toxic that is still there."""
        while rest and rest[0] not in self._live:
            rest = rest[1:]
        if not rest:
            if self._send(data):
                self.sent += len(data)
            return
        for due, piece in rest[0].sends(at, data):
            self._wait(_Waiting(due, self._number, piece, rest[0], rest[1:]))
            self._number += 1

    def _wait(self, one: _Waiting) -> None:
        size = len(one.data) + OVERHEAD
        if self._held + size > ROOM or one.due == NEVER:
            one.held.toxic.effects.dropped_bytes += len(one.data)
            return
        self._held += size
        heappush(self._waiting, one)

    def _run(self) -> None:
        """Let go what is due, and wake up for what is not."""
        now = self._loop.time()
        while self._waiting and self._waiting[0].due <= now and not self._dead:
            one = heappop(self._waiting)
            self._held -= len(one.data) + OVERHEAD
            self._pass(one.due, one.data, one.rest)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._waiting and not self._dead:
            self._timer = self._loop.call_at(self._waiting[0].due, self._run)

    def waited(self, toxic: Toxic) -> float:
        """Return 0: a delay is counted when it is drawn."""
        del toxic
        return 0.0

    def stop(self) -> None:
        """Carry nothing more."""
        self._dead = True
        self._waiting.clear()
        if self._timer:
            self._timer.cancel()
