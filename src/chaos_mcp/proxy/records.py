"""What became of each connection: which toxics met it, by which draw, how it ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.connection import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.proxy.connection import Connection
    from chaos_mcp.proxy.datagrams.session import Session
    from chaos_mcp.proxy.toxics.base import Stage

KEPT = 256
"""Connections that a proxy remembers, those that are open counted among them."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A toxic and what it was to a connection."""

    name: str
    type: str
    stream: str
    seed: str
    met: bool
    acted: bool
    closed: bool

    def as_json(self) -> dict[str, Any]:
        """Return it with the draw, which any toxicity above it meets."""
        return {
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "roll": Random(self.seed).random(),  # noqa: S311 - repeatable
            "met": self.met,
            "acted": self.acted,
            "closed": self.closed,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """A connection as it was when it was looked at."""

    number: int
    seed: str
    seconds: float
    received: tuple[int, ...]
    sent: tuple[int, ...]
    ended: str
    toxics: tuple[Meeting, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as the API gives it."""
        return {
            "number": self.number,
            "seed": self.seed,
            "open": not self.ended,
            "ended": self.ended,
            "seconds": round(self.seconds, 6),
            "received_bytes": dict(zip(STREAMS, self.received, strict=True)),
            "sent_bytes": dict(zip(STREAMS, self.sent, strict=True)),
            "toxics": [one.as_json() for one in self.toxics],
        }


def record(connection: Connection | Session) -> Record:
    """Return what there is to know of a connection now."""
    links = connection.links.values()
    return Record(
        connection.number,
        connection.seed,
        asyncio.get_running_loop().time() - connection.began,
        tuple(link.received for link in links) or (0, 0),
        tuple(link.sent for link in links) or (0, 0),
        connection.why,
        tuple(_met(connection)),
    )


def _met(connection: Connection | Session) -> Iterator[Meeting]:
    """Yield each toxic once, on whichever directions it works."""
    for stream, link in connection.links.items():
        for stage in link.toxics:
            if not (stage.both_ways and stream == STREAMS[1]):
                yield _meeting(stage)


def _meeting(stage: Stage) -> Meeting:
    toxic = stage.toxic
    return Meeting(
        toxic.name,
        toxic.type,
        toxic.stream.lower(),
        stage.seed,
        stage.meets,
        stage.has_acted,
        stage.has_closed,
    )
