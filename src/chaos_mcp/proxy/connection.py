"""A connection through a proxy: two links, one in each direction."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from chaos_mcp.proxy.addresses import AddressError, parse
from chaos_mcp.proxy.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.proxy.toxics.base import Close, Toxic

DIAL = 10.0
"""Seconds that an upstream has to accept a connection."""
STREAMS = ("upstream", "downstream")
_LINGER_NOT = struct.pack("ii", 1, 0)


class Connection:
    """Joins a client to the upstream; ends both when either is gone."""

    def __init__(
        self, client: socket.socket, number: int, ended: Callable[[Connection], None]
    ) -> None:
        self.client = client
        self.server: socket.socket | None = None
        self.number = number
        self.links: dict[str, Link] = {}
        self._ended = ended
        self._dead = False

    async def dial(self, upstream: str, seed: str) -> bool:
        """Connect to the upstream; tell whether there is a connection now."""
        try:
            async with asyncio.timeout(DIAL):
                self.server = await _connected(upstream)
        except (OSError, TimeoutError, AddressError):
            self.close("close")
            return False
        if self._dead:
            self.server.close()
            return False
        pair = (self.client, self.server)
        for stream, (source, target) in zip(STREAMS, (pair, pair[::-1]), strict=True):
            self.links[stream] = Link(
                source, target, self.number, self, f"{seed}/{stream}"
            )
        return True

    def start(self, toxics: dict[str, list[Toxic]]) -> None:
        """Begin to carry in both directions."""
        for stream, link in list(self.links.items()):
            link.start(toxics[stream])

    def link_ended(self) -> None:
        """Close once both directions have come to their ends."""
        if all(link.ended for link in self.links.values()):
            self.close("close")

    def close(self, how: Close) -> None:
        """End the connection on both sides, with a reset or without."""
        if self._dead:
            return
        self._dead = True
        for link in self.links.values():
            link.stop()
        for one in (self.client, self.server):
            if one is not None:
                if how == "reset":
                    with suppress(OSError):
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
                one.close()
        self._ended(self)


async def _connected(upstream: str) -> socket.socket:
    """Return a socket connected to the upstream, trying each of its addresses."""
    loop = asyncio.get_running_loop()
    address = parse(upstream)
    places = await loop.getaddrinfo(
        address.host or "localhost", address.port, type=socket.SOCK_STREAM
    )
    failure: OSError = OSError("no address")
    for family, kind, _, _, place in places:
        one = socket.socket(family, kind, socket.IPPROTO_TCP)
        one.setblocking(False)  # noqa: FBT003 - the name of the method says what
        try:
            await loop.sock_connect(one, place)
        except OSError as error:
            one.close()
            failure = error
        except BaseException:
            one.close()
            raise
        else:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return one
    raise failure
