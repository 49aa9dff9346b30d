"""A proxy: a listener, an upstream, its connections and its toxics."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.addresses import UDP
from chaos_mcp.proxy.connection import STREAMS, Connection
from chaos_mcp.proxy.datagrams.port import Peer, Port
from chaos_mcp.proxy.datagrams.session import Session
from chaos_mcp.proxy.gojson import Float32
from chaos_mcp.proxy.listener import Listener
from chaos_mcp.proxy.records import KEPT, Record, record
from chaos_mcp.proxy.toxics import directions

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from chaos_mcp.proxy.toxics.toxic import Toxic


@dataclass(slots=True)
class Traffic:
    """Bytes and connections of a proxy since it was made."""

    accepted: int = 0
    received: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STREAMS, 0))
    sent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STREAMS, 0))


class Proxy:
    """Listens while it is enabled; what is changed holds from the next byte on."""

    def __init__(self, name: str, listen: str, upstream: str, seed: int) -> None:
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self.toxics: dict[str, Toxic] = {}
        self.connections: set[Connection | Session] = set()
        self.traffic = Traffic()
        self._seed = seed
        self.listener: Listener | None = None
        self._past: deque[Record] = deque(maxlen=KEPT)
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @property
    def enabled(self) -> bool:
        """Tell whether it listens."""
        return self.listener is not None

    @property
    def datagrams(self) -> bool:
        """Tell whether it carries datagrams, not streams."""
        return self.listen.startswith(UDP)

    def start(self) -> None:
        """Listen; raise `AddressError` if the address cannot be had."""
        if self.listener is None:
            self.listener = self._listening()
            self.listen = self.listener.address

    def _listening(self) -> Listener:
        kind = Port if self.datagrams else Listener
        return kind(self.listen, self._accepted)

    def stop(self) -> None:
        """Give the port back and end all connections."""
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        self._hang_up()

    def _hang_up(self) -> None:
        for connection in list(self.connections):
            connection.close("stopped")

    def end(self) -> None:
        """Stop for good: no toxic has anything to wait for any more."""
        self.stop()
        for name in list(self._timers):
            self._forget(name)

    def redirect(self, upstream: str) -> None:
        """Have another upstream; the connections to the one before end."""
        self.upstream = upstream
        self._hang_up()

    def move(self, listen: str, *, enabled: bool) -> None:
        """Be somewhere else; raise `AddressError` and stay if that cannot be."""
        moved = type(self)(self.name, listen, self.upstream, self._seed)
        if enabled:
            moved.start_instead_of(self)
        self.stop()
        self.listen = moved.listen
        if moved.listener:
            self.listener = moved.listener.given_to(self._accepted)

    def start_instead_of(self, other: Proxy | None) -> None:
        """Listen, even where another one does so now, which stops then.

        Raise `AddressError` and leave the other one as it was if that cannot be.
        """
        if other is not None and other.datagrams != self.datagrams:
            self.start()
            other.stop()
        elif other is not None and other.listener is not None:
            self.listener = other.listener.shared(self.listen, self._accepted)
            self.listen = self.listener.address
            other.stop()
        else:
            self.start()

    def add(self, *toxics: Toxic) -> None:
        """Add toxics, for new and for open connections, all at the same time."""
        for toxic in toxics:
            self.toxics[toxic.name] = toxic
            toxic.added(self.traffic.accepted, self.open_numbers())
            self.renew(toxic)
        self._changed(toxics)

    def open_numbers(self) -> list[int]:
        """Return the numbers of the connections that are open."""
        return [one.number for one in self.connections]

    def have(self, wanted: Sequence[Toxic]) -> None:
        """Have these toxics and no others; those that are there already stay."""
        keep = {one.name for one in wanted if self._has(one)}
        self.remove(*(name for name in self.toxics if name not in keep))
        self.add(*(one for one in wanted if one.name not in keep))
        self.toxics = {one.name: self.toxics[one.name] for one in wanted}
        self._changed(list(self.toxics.values()))

    def _has(self, wanted: Toxic) -> bool:
        own = self.toxics.get(wanted.name)
        return own is not None and toxic_json(own) == toxic_json(wanted)

    def renew(self, toxic: Toxic) -> None:
        """Start the time anew after which a toxic removes itself, if it is to."""
        self._forget(toxic.name)
        if toxic.ttl is not None:
            loop = asyncio.get_running_loop()
            self._timers[toxic.name] = loop.call_later(
                toxic.ttl, self.remove, toxic.name
            )

    def _forget(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer:
            timer.cancel()

    def remove(self, *names: str) -> None:
        """Remove toxics, from open connections too."""
        for name in names:
            self._forget(name)
        self._changed([self.toxics.pop(name) for name in names])

    def updated(self, toxic: Toxic) -> None:
        """Let every connection work with a toxic as it is now."""
        self._changed([toxic], toxic)

    def _changed(self, toxics: Sequence[Toxic], updated: Toxic | None = None) -> None:
        """Let connections work with the toxics of these streams as they are now."""
        if not self.connections:
            return
        chains = self.chains()
        for stream in {one for toxic in toxics for one in directions(toxic)}:
            for connection in list(self.connections):
                if connection.links:
                    connection.links[stream].change(chains[stream], updated)

    def chains(self) -> dict[str, list[Toxic]]:
        """Return the toxics of each stream, in the order in which they were added."""
        chains: dict[str, list[Toxic]] = {stream: [] for stream in STREAMS}
        for one in self.toxics.values():
            for stream in directions(one):
                chains[stream].append(one)
        return chains

    def bytes(self, which: str, stream: str) -> int:
        """Return bytes `received` or `sent` in a stream, open connections included."""
        done: int = getattr(self.traffic, which)[stream]
        links = [one.links[stream] for one in self.connections if one.links]
        return done + sum(int(getattr(link, which)) for link in links)

    def effects(self, toxic: Toxic) -> dict[str, float]:
        """Return what a toxic has done, and how long it has been doing it to some."""
        links = (link for one in self.connections for link in one.links.values())
        return toxic.effects.as_json(sum(link.waited(toxic) for link in links))

    def _accepted(self, client: socket.socket | Peer) -> None:
        self.traffic.accepted += 1
        number = self._number()
        seed = f"{self._seed}/{self.name}/{number}"
        connection: Connection | Session
        if isinstance(client, Peer):
            connection = Session(client, number, seed, self._ended)
        else:
            connection = Connection(client, number, seed, self._ended)
        self.connections.add(connection)
        connection.start(self.upstream, self._ready)

    def _number(self) -> int:
        """Return which connection the one is that was accepted just now."""
        return self.traffic.accepted

    def _ready(self, connection: Connection | Session) -> None:
        chains = self.chains()
        for stream in list(connection.links):
            connection.links[stream].change(chains[stream])

    def _ended(self, connection: Connection | Session) -> None:
        self.connections.discard(connection)
        self._past.append(record(connection))
        for stream, link in connection.links.items():
            self.traffic.received[stream] += link.received
            self.traffic.sent[stream] += link.sent

    def records(self) -> list[Record]:
        """Return what became of the latest connections, by their numbers."""
        latest = nlargest(KEPT, self.connections, key=lambda one: one.number)
        known = [*self._past, *map(record, latest)]
        return sorted(known, key=lambda one: one.number)[-KEPT:]

    def as_json(self) -> dict[str, Any]:
        """Return the proxy as the API gives it, toxics and all."""
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "Logger": {},
            "toxics": [
                toxic_json(one)
                for stream in STREAMS
                for one in self.toxics.values()
                if one.stream.lower() == stream
            ],
        }


def _port(listen: str) -> str:
    return listen.rpartition(":")[2]


def toxic_json(toxic: Toxic) -> dict[str, Any]:
    """Return a toxic as the API gives it."""
    given = {
        "attributes": toxic.attributes,
        "name": toxic.name,
        "type": toxic.type,
        "stream": toxic.stream,
        "toxicity": Float32(toxic.toxicity),
    }
    ttl = {} if toxic.ttl is None else {"ttl": toxic.ttl}
    return {**given, **ttl, **toxic.skips.as_json()}
