"""A proxy: a listener, an upstream, its connections and its toxics."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy import addresses
from chaos_mcp.proxy.connection import STREAMS, Connection

if TYPE_CHECKING:
    from chaos_mcp.proxy.toxics.base import Toxic

BATCH = 64
"""Connections accepted at one go."""


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
        self.seed = seed
        self.toxics: dict[str, Toxic] = {}
        self.connections: set[Connection] = set()
        self.traffic = Traffic()
        self._listener: socket.socket | None = None
        self._dialing: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @property
    def enabled(self) -> bool:
        """Tell whether it listens."""
        return self._listener is not None

    def start(self) -> None:
        """Listen; raise `AddressError` if the address cannot be had."""
        if self._listener is None:
            self._listener = addresses.listen(self.listen)
            self.listen = addresses.write(self._listener.getsockname())
            loop = asyncio.get_running_loop()
            loop.add_reader(self._listener.fileno(), self._acceptable)

    def stop(self) -> None:
        """Give the port back and end all connections."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
            self._listener.close()
            self._listener = None
        for task in list(self._dialing):
            task.cancel()
        for connection in list(self.connections):
            connection.close("close")

    def add(self, toxic: Toxic) -> None:
        """Add a toxic, for new and for open connections."""
        self.toxics[toxic.name] = toxic
        if toxic.ttl is not None:
            loop = asyncio.get_running_loop()
            self._timers[toxic.name] = loop.call_later(
                toxic.ttl, self.remove, toxic.name
            )
        self.changed()

    def remove(self, name: str) -> None:
        """Remove a toxic, from open connections too."""
        toxic = self.toxics.pop(name)
        timer = self._timers.pop(name, None)
        if timer:
            timer.cancel()
        self.changed(toxic.name)

    def reset(self) -> None:
        """Remove all toxics."""
        for name in list(self.toxics):
            self.remove(name)

    def changed(self, released: str = "") -> None:
        """Let every connection work with the toxics as they are now."""
        chains = self.chains()
        for connection in list(self.connections):
            for stream, link in list(connection.links.items()):
                link.change(chains[stream], released)

    def chains(self) -> dict[str, list[Toxic]]:
        """Return the toxics of each stream, in the order in which they were added."""
        return {
            stream: [
                one for one in self.toxics.values() if one.stream.lower() == stream
            ]
            for stream in STREAMS
        }

    def bytes(self, which: str, stream: str) -> int:
        """Return bytes `received` or `sent` in a stream, open connections included."""
        done: int = getattr(self.traffic, which)[stream]
        links = [one.links[stream] for one in self.connections if one.links]
        return done + sum(int(getattr(link, which)) for link in links)

    def _acceptable(self) -> None:
        listener = self._listener
        for _ in range(BATCH):
            try:
                client, _ = listener.accept()  # type: ignore[union-attr]
            except OSError:
                return
            client.setblocking(False)  # noqa: FBT003 - the name says what
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.traffic.accepted += 1
            connection = Connection(client, self.traffic.accepted, self._ended)
            self.connections.add(connection)
            task = asyncio.get_running_loop().create_task(self._dial(connection))
            self._dialing.add(task)
            task.add_done_callback(self._dialing.discard)

    async def _dial(self, connection: Connection) -> None:
        seed = f"{self.seed}/{self.name}/{connection.number}"
        try:
            connected = await connection.dial(self.upstream, seed)
        except asyncio.CancelledError:
            connection.close("close")
            raise
        if connected:
            connection.start(self.chains())

    def _ended(self, connection: Connection) -> None:
        self.connections.discard(connection)
        for stream, link in connection.links.items():
            self.traffic.received[stream] += link.received
            self.traffic.sent[stream] += link.sent

    def as_json(self) -> dict[str, Any]:
        """Return the proxy as the API gives it, toxics and all."""
        chains = self.chains()
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "Logger": {},
            "toxics": [toxic_json(one) for s in STREAMS for one in chains[s]],
        }


def toxic_json(toxic: Toxic) -> dict[str, Any]:
    """Return a toxic as the API gives it."""
    whole = toxic.toxicity == int(toxic.toxicity)
    given = {
        "attributes": toxic.attributes,
        "name": toxic.name,
        "type": toxic.type,
        "stream": toxic.stream,
        "toxicity": int(toxic.toxicity) if whole else toxic.toxicity,
    }
    return given if toxic.ttl is None else {**given, "ttl": toxic.ttl}
