"""A connection through a proxy: two links, one in each direction."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.dial import Dial
from chaos_mcp.proxy.inlet import SIP
from chaos_mcp.proxy.link import Link
from chaos_mcp.proxy.toxics import at_work
from chaos_mcp.proxy.toxics.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.proxy.toxics.base import Ending, Stage
    from chaos_mcp.proxy.toxics.toxic import Toxic

LOOK = 10.0
"""Seconds from look to look at a peer that has ended and is no longer read from."""
SIPS = 16
"""Reads that a peer is worth which goes on sending after the end."""
STREAMS = ("upstream", "downstream")
_LINGER_NOT = struct.pack("ii", 1, 0)


class Connection:
    """Joins a client to the upstream; ends both when either is gone."""

    __slots__ = (
        "_both",
        "_dead",
        "_dial",
        "_ended",
        "_look",
        "_reset",
        "_server",
        "began",
        "client",
        "links",
        "number",
        "seed",
        "why",
    )

    def __init__(
        self,
        client: socket.socket,
        number: int,
        seed: str,
        ended: Callable[[Connection], None],
    ) -> None:
        self.client = client
        self.number = number
        self.seed = seed
        self.why = ""
        """How it ended, in a word; empty while it is open."""
        self.links: dict[str, Link] = {}
        self._server: socket.socket | None = None
        self._dial: Dial | None = None
        self._ended = ended
        self._both: dict[Toxic, Any] = {}
        self._look: asyncio.TimerHandle | None = None
        self._dead = self._reset = False
        self.began = asyncio.get_running_loop().time()

    def start(self, upstream: str, ready: Callable[[Connection], None]) -> None:
        """Reach the upstream, then be ready; close if it cannot be reached."""

        def dialled(server: socket.socket | None) -> None:
            if server is None:
                self.close("unreachable")
            else:
                self._join(server)
                ready(self)

        self._dial = Dial(upstream, dialled)

    def _join(self, server: socket.socket) -> None:
        self._server = server
        pair = (self.client, server)
        for stream, (source, target) in zip(STREAMS, (pair, pair[::-1]), strict=True):
            self.links[stream] = Link(source, target, self)

    def stage(self, link: Link, toxic: Toxic) -> Stage:
        """Return a toxic as it is going to work on one of the links."""
        loop = asyncio.get_running_loop()
        place = Place(
            seed=self.seed,
            stream=next(name for name, one in self.links.items() if one is link),
            number=self.number,
            began=self.began,
            fresh=not any(one.received for one in self.links.values()),
            both=self._both,
            wake=lambda: loop.call_soon(link.wake),
            end=self.cut,
            later=loop.call_at,
        )
        return at_work(toxic, place)

    def cut(self, *, reset: bool) -> None:
        """End the connection at once, whatever it still holds: a toxic says so."""
        self.close("reset" if reset else "close", reset=reset)

    def link_finished(self, link: Link, ending: Ending) -> None:
        """Pass the end of one direction on, leaving the other one as it is."""
        if ending != "end":
            self.close(ending, reset=ending == "reset")
        elif not self._close_if_over():
            target = self._server if link is self.links["upstream"] else self.client
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)  # type: ignore[union-attr]
            self._look_after()

    def _look_after(self) -> None:
        """Close what is half closed once a peer is gone, and never before.

        It may be silent as long as it likes; that it is gone, the system finds out
        (see `sockets.KEEPALIVE`), but nobody waits for a socket that has ended.
        """
        ended = self.client if self.links["upstream"].ended else self._server
        if _failed(ended):
            self.close("reset", reset=True)
        else:
            loop = asyncio.get_running_loop()
            self._look = loop.call_later(LOOK, self._look_after)

    def link_broken(self, link: Link) -> None:
        """Let the other direction bring its last bytes home, then reset.

        It finds out by itself, if it still reads, that its source is gone.
        """
        self._reset = True
        del link
        self._close_if_over()

    def _close_if_over(self) -> bool:
        over = all(link.ended for link in self.links.values())
        if over:
            self.close("reset" if self._reset else "end", reset=self._reset)
        return over

    def close(self, why: str, *, reset: bool = False) -> None:
        """End the connection on both sides, with a reset or without."""
        if self._dead:
            return
        self._dead = True
        self.why = why
        if self._dial:
            self._dial.give_up()
        if self._look:
            self._look.cancel()
        for link in self.links.values():
            link.stop()
        read = [link.emptied for link in self.links.values()] or [False, False]
        for one, empty in zip((self.client, self._server), read, strict=True):
            if one is not None:
                _close(one, reset=reset, empty=empty)
        self._ended(self)


def _failed(one: socket.socket | None) -> bool:
    return one is not None and bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def _close(one: socket.socket, *, reset: bool, empty: bool) -> None:
    with suppress(OSError):
        if reset:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        elif not empty:
            _empty(one)
    one.close()


def _empty(one: socket.socket) -> None:
    """Read what nobody wants, or the close would become a reset."""
    for _ in range(SIPS):
        if not one.recv(SIP):
            return
