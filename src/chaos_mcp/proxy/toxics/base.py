"""What a toxic is on one direction of a connection: chunks in, chunks and times out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

END = None
"""Stands for the end of a stream among the chunks."""

Chunk = bytes | None
Close = Literal["close", "reset"]
Piece = tuple[float, Chunk | Close]
"""When it is due (the loop's clock, seconds), and what."""


@dataclass(slots=True)
class Effects:
    """What a toxic has done to traffic since it was added."""

    touched: set[int] = field(default_factory=set)
    """Numbers of the connections on which it acted."""
    chunks: int = 0
    bytes: int = 0
    dropped_bytes: int = 0
    delayed_seconds: float = 0.0
    closed: int = 0

    def as_json(self) -> dict[str, float]:
        """Return the figures as the API gives them."""
        return {
            "connections": len(self.touched),
            "chunks": self.chunks,
            "bytes": self.bytes,
            "dropped_bytes": self.dropped_bytes,
            "delayed_seconds": round(self.delayed_seconds, 6),
            "closed": self.closed,
        }


@dataclass(slots=True)
class Toxic:
    """A toxic as the API has it, and the effect that it has had."""

    name: str
    type: str
    stream: str
    toxicity: float
    attributes: dict[str, int]
    ttl: float | None = None
    effects: Effects = field(default_factory=Effects)


class Stage:
    """A toxic at work on one direction of one connection.

    It lives as long as both; the toxic's attributes may change under it.
    """

    defaults: ClassVar[Mapping[str, int]] = {}
    """The attributes, in the API's order, with what they are if not given."""

    def __init__(self, toxic: Toxic, connection: int, chance: Random) -> None:
        self.toxic = toxic
        self.connection = connection
        self.chance = chance
        self.free_at = 0.0

    def __getitem__(self, attribute: str) -> int:
        """Return an attribute as it is now, and never below zero."""
        return max(0, self.toxic.attributes[attribute])

    def pipe(self, due: float, chunk: Chunk) -> Iterable[Piece]:
        """Return what becomes of a chunk that is due at a time."""
        yield due, chunk

    def begin(self, now: float) -> float | None:
        """Return when it wants to close the connection by itself, if it does."""
        del now
        return None

    @property
    def spoilt(self) -> bool:
        """Tell whether data is missing, so that the stream cannot simply go on."""
        return False

    def acted(
        self,
        chunk: Chunk = b"",
        *,
        delay: float = 0.0,
        dropped: int = 0,
        closed: int = 0,
    ) -> None:
        """Count what was done to a chunk."""
        effects = self.toxic.effects
        effects.touched.add(self.connection)
        effects.chunks += 1
        effects.bytes += len(chunk or b"")
        effects.delayed_seconds += delay
        effects.dropped_bytes += dropped
        effects.closed += closed
