"""Names of hosts, looked up beside the loop: nothing waits for a name server.

A request that needs a name raises `Unresolved`; it is asked again once the name is
known. So whatever changes state stays synchronous.
"""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import suppress
from functools import lru_cache
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Place = tuple[socket.AddressFamily, str]
"""An IP address and its family."""
Answer = TypeVar("Answer")
MAPPED = bytes(10) + b"\xff\xff"
"""So begins an IPv6 address that stands for one of IPv4."""
REMEMBERED = 5.0
"""Seconds for which the answer of a lookup holds."""

# Half an address, such as 127.1, is one to C's library, and a name to Go; so is one
# that other letters than ASCII's write.
_NUMERIC = re.compile(r"([0-9.]+|0[xX][0-9a-fA-F.xX]*)\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9._-]+\Z", re.ASCII)
_KNOWN: dict[str, list[Place]] = {}
_ASKED: dict[str, asyncio.Future[list[Place]]] = {}
"""Lookups under way: a storm of connections asks once."""


class NoSuchName(Exception):
    """No name server knows the host; the message is Go's."""


class Unresolved(Exception):
    """A name has to be looked up first."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


def literal(host: str) -> list[Place]:
    """Return the addresses of a host that is one, or that was looked up just now.

    Raise `Unresolved` if it was not, `NoSuchName` if it is unknown.
    """
    if written := _written(host):
        return [written]
    if host not in _KNOWN and _NAME.match(host) and not _NUMERIC.match(host):
        raise Unresolved(host)
    if not _KNOWN.get(host):
        raise NoSuchName(f"lookup {host}: no such host")
    return _KNOWN[host]


@lru_cache
def _written(host: str) -> Place | None:
    """Return the IP address that a host writes, if it does, with its zone."""
    with suppress(OSError, ValueError):
        socket.inet_pton(socket.AF_INET, host)
        return (socket.AF_INET, host)
    with suppress(OSError, ValueError):
        bare = host.partition("%")[0]
        packed = socket.inet_pton(socket.AF_INET6, bare)
        if bare == host and packed[:12] == MAPPED:
            return (socket.AF_INET, socket.inet_ntop(socket.AF_INET, packed[12:]))
        return (socket.AF_INET6, host)
    return None


def place(host: str, port: int) -> tuple[Any, ...]:
    """Return a place and a port as sockets want them, the zone as its number."""
    bare, percent, zone = host.partition("%")
    return (bare, port, 0, _zone(zone)) if percent else (host, port)


def _zone(name: str) -> int:
    """Return the number of a network interface; 0 if there is none, as Go does."""
    if name.isdecimal() and name.isascii():
        return int(name)
    with suppress(OSError):
        return socket.if_nametoindex(name)
    return 0


async def known(ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` does, asked again until all names it needs are looked up."""
    while True:
        try:
            return ask()
        except Unresolved as unresolved:
            await asyncio.shield(look_up(unresolved.host))


def look_up(host: str) -> asyncio.Future[list[Place]]:
    """Return the addresses of a host, none if it has none, as soon as they are there.

    A thread asks for them, which nobody waits for at the end, however long it takes.
    """
    if host not in _ASKED:
        loop = asyncio.get_running_loop()
        _ASKED[host] = loop.create_future()
        work = Thread(target=_ask, args=(host, loop), name=f"look {host} up")
        work.daemon = True
        work.start()
    return _ASKED[host]


def _ask(host: str, loop: asyncio.AbstractEventLoop) -> None:
    places = _addresses(host)
    with suppress(RuntimeError):  # the loop has ended; nobody wants to know
        loop.call_soon_threadsafe(_found, host, places, loop)


def _found(host: str, places: list[Place], loop: asyncio.AbstractEventLoop) -> None:
    _KNOWN[host] = places
    loop.call_later(REMEMBERED, _KNOWN.pop, host, None)
    _ASKED.pop(host).set_result(places)


def _addresses(host: str) -> list[Place]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        return []
    return [(family, str(place[0])) for family, _, _, _, place in found]
