"""A toxic as the API has it, whom it spares, and what it has done."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Effects:
    """What a toxic has done to traffic since it was added."""

    connections: int = 0
    chunks: int = 0
    bytes: int = 0
    dropped_bytes: int = 0
    delayed_seconds: float = 0.0
    closed: int = 0
    more: dict[str, int] = field(default_factory=dict)
    """Figures that only toxics of some types have."""

    def as_json(self, waiting: float = 0.0) -> dict[str, float]:
        """Return the figures; `waiting` seconds belong to what is still held back."""
        return {
            "connections": self.connections,
            "chunks": self.chunks,
            "bytes": self.bytes,
            "dropped_bytes": self.dropped_bytes,
            "delayed_seconds": round(self.delayed_seconds + waiting, 6),
            "closed": self.closed,
            **self.more,
        }


@dataclass(slots=True)
class Skips:
    """What a toxic lets through before it begins; none of this is in Toxiproxy."""

    connections: int = 0
    """The first connections that it comes to: open ones first, then new ones."""
    bytes: int = 0
    """The first bytes of each connection."""
    seconds: float = 0.0
    """The first time on each connection, from when both were there."""

    def as_json(self) -> dict[str, float]:
        """Return what there is of it, as the API has it."""
        given = {
            "skip_connections": self.connections,
            "skip_bytes": self.bytes,
            "skip_seconds": self.seconds,
        }
        return {key: value for key, value in given.items() if value}


@dataclass(slots=True, eq=False)
class Toxic:
    """A toxic as the API has it, and the effect that it has had."""

    name: str
    type: str
    stream: str
    toxicity: float
    attributes: dict[str, Any]
    ttl: float | None = None
    skips: Skips = field(default_factory=Skips)
    effects: Effects = field(default_factory=Effects)
    shared: dict[str, Any] = field(default_factory=dict)
    """What it shares among all connections."""
    _since: int = 0
    _open: tuple[int, ...] = ()

    def added(self, accepted: int, open_: list[int]) -> None:
        """Remember which connections there were, by number, when it was added."""
        self._since, self._open = accepted, tuple(sorted(open_))

    @property
    def when_added(self) -> tuple[int, tuple[int, ...]]:
        """Return how many connections there had been, and which were open."""
        return self._since, self._open

    def spares(self, number: int) -> bool:
        """Tell whether a connection is one of the first, which are let through.

        It follows from the connection's number alone, not from who is quicker.
        """
        if not self.skips.connections:
            return False
        before = bisect_left(self._open, number)
        return before + max(0, number - self._since - 1) < self.skips.connections
