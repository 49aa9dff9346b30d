"""A client of a UDP proxy: what it sends, and what comes back, until it is silent."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from chaos_mcp.proxy.addresses import UDP, AddressError, parse
from chaos_mcp.proxy.connection import STREAMS
from chaos_mcp.proxy.datagrams.link import DatagramLink
from chaos_mcp.proxy.limits import is_kept
from chaos_mcp.proxy.names import NoSuchName, Place, Unresolved, literal, look_up, place
from chaos_mcp.proxy.toxics.place import Place as Where

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.proxy.datagrams.port import Peer

IDLE = 60.0
"""Seconds of silence after which a session is over."""
EARLY = 64
"""Datagrams that may come while the upstream's name is looked up."""
BATCH = 64
LARGEST = 65536


class Session:
    """Stands between a client and the upstream; to a proxy it is a connection."""

    def __init__(
        self, client: Peer, number: int, seed: str, ended: Callable[[Session], None]
    ) -> None:
        self.client, self.number, self.seed = client, number, seed
        self.why = ""
        self.links: dict[str, DatagramLink] = {}
        self._loop = asyncio.get_running_loop()
        self.began = self._heard = self._loop.time()
        self._ended = ended
        self._server: socket.socket | None = None
        self._early: list[bytes] = []
        self._timer = self._loop.call_later(IDLE, self._look)
        client.session = self

    def start(self, upstream: str, ready: Callable[[Session], None]) -> None:
        """Be ready as soon as the upstream has an address; end if it has none."""
        address = parse(upstream.removeprefix(UDP))

        def found(places: list[Place]) -> None:
            if self.why:
                return
            if not places or not self._joined(places[0], address.port):
                self.close("unreachable")
                return
            ready(self)
            for data in self._early:
                self.links["upstream"].arrived(data)
            self._early.clear()

        try:
            found(literal(address.host or "127.0.0.1"))
        except Unresolved as name:
            look_up(name.host).add_done_callback(lambda done: found(done.result()))
        except (NoSuchName, AddressError):
            self.close("unreachable")

    def _joined(self, where: Place, port: int) -> bool:
        """Have a socket that speaks to the upstream alone; tell whether there is."""
        family, host = where
        try:
            self._server = socket.socket(family, socket.SOCK_DGRAM)
            self._server.setblocking(False)  # noqa: FBT003 - the name says what
            self._server.connect(place(host, port))
        except OSError:
            return False
        if is_kept(self._server.fileno()):
            return False
        self._loop.add_reader(self._server.fileno(), self._readable)
        sends = (self._to_server, self.client.send)
        for stream, send in zip(STREAMS, sends, strict=True):
            self.links[stream] = DatagramLink(self._where(stream), send)
        return True

    def _where(self, stream: str) -> Where:
        return Where(
            seed=self.seed, stream=stream, number=self.number, began=self.began
        )

    def arrived(self, data: bytes) -> None:
        """Take what the client sends."""
        self._heard = self._loop.time()
        if self.links:
            self.links["upstream"].arrived(data)
        elif len(self._early) < EARLY and not self.why:
            self._early.append(data)

    def _readable(self) -> None:
        for _ in range(BATCH):
            if self._server is None:
                return
            try:
                data = self._server.recv(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # nobody was there for what was sent
                continue
            self._heard = self._loop.time()
            self.links["downstream"].arrived(data)

    def _to_server(self, data: bytes) -> bool:
        """Send; tell whether it went: what a network does not take is lost."""
        with suppress(OSError):
            return self._server is not None and self._server.send(data) >= 0
        return False

    def _look(self) -> None:
        """End after a silence."""
        left = self._heard + IDLE - self._loop.time()
        if left <= 0:
            self.close("idle")
        else:
            self._timer = self._loop.call_later(left, self._look)

    def close(self, why: str, *, reset: bool = False) -> None:
        """End the session; nobody is told, as UDP has no ends."""
        del reset
        if self.why:
            return
        self.why = why
        self._timer.cancel()
        for link in self.links.values():
            link.stop()
        if self._server is not None:
            self._loop.remove_reader(self._server.fileno())
            self._server.close()
            self._server = None
        self.client.gone()
        self._ended(self)
