"""What a toxic is on one direction of a connection: what waits in it, and how long."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from random import Random
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEVER = inf
MILLISECOND = 1e-3
KIBIBYTE = 1024

Ending = Literal["end", "close", "reset"]
"""How a stream ends: the sender has no more; nobody has; with a TCP RST."""
Chunk = memoryview | Ending


OVERHEAD = 256
"""Bytes that a chunk takes in memory beside its own."""


def _weight(chunk: Chunk) -> int:
    return OVERHEAD + (0 if isinstance(chunk, str) else len(chunk))


@dataclass(slots=True)
class Effects:
    """What a toxic has done to traffic since it was added."""

    connections: int = 0
    chunks: int = 0
    bytes: int = 0
    dropped_bytes: int = 0
    delayed_seconds: float = 0.0
    closed: int = 0

    def as_json(self, waiting: float = 0.0) -> dict[str, float]:
        """Return the figures; `waiting` seconds belong to what is still held back."""
        return {
            "connections": self.connections,
            "chunks": self.chunks,
            "bytes": self.bytes,
            "dropped_bytes": self.dropped_bytes,
            "delayed_seconds": round(self.delayed_seconds + waiting, 6),
            "closed": self.closed,
        }


@dataclass(slots=True, eq=False)
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

    Chunks wait in it, in order, until they are due. It looks at the toxic's
    attributes whenever it is asked, so that a change holds from the next byte on.
    """

    defaults: ClassVar[Mapping[str, str]] = {}
    """The attributes in the API's order, with their types in Go."""
    room: ClassVar[int] = 64 * KIBIBYTE
    """Bytes that may wait in it before what comes before it pauses."""

    def __init__(self, toxic: Toxic, seed: str) -> None:
        self.toxic = toxic
        self.held = 0
        self._seed = seed
        self._waiting: deque[tuple[float, Chunk]] = deque()
        self._begun = 0.0
        self._ended = False
        self._touched = False

    @property
    def meets(self) -> bool:
        """Tell whether the toxic meets this connection: one roll, whatever changes."""
        return self.toxic.toxicity >= 1 or self._roll < self.toxic.toxicity

    @cached_property
    def _roll(self) -> float:
        return Random(self._seed).random()  # noqa: S311 - repeatable

    @cached_property
    def chance(self) -> Random:
        """Return the draws of this toxic on this connection, always the same."""
        return Random(f"{self._seed}/at work")  # noqa: S311 - repeatable

    def __getitem__(self, attribute: str) -> int:
        """Return an attribute as it is now, and never below zero."""
        return max(0, self.toxic.attributes[attribute])

    @property
    def full(self) -> bool:
        """Tell whether there is no more room in it."""
        return self.held >= self.room

    def resume(self, now: float) -> None:
        """Go on after what comes after it took nothing for a while."""

    def begin(self, now: float) -> None:
        """Start to work on a connection, or anew with other attributes."""
        self._begun = now

    def take(self, at: float, chunk: Chunk) -> None:
        """Be given a chunk; after an ending nothing more counts."""
        if not self._ended:
            self._ended = isinstance(chunk, str)
            self.wait(at, chunk)

    def wait(self, at: float, chunk: Chunk) -> None:
        """Hold a chunk until it is due."""
        self._waiting.append((at, chunk))
        self.held += _weight(chunk)

    def due(self) -> float:
        """Return when something may go on, on the loop's clock.

        That is never before the toxic became what it is now: time that it waited
        under other attributes is not given back.
        """
        return max(self.ready(), self._begun)

    def ready(self) -> float:
        """Return when something may go on by the attributes of now."""
        return self._waiting[0][0] if self._waiting else NEVER

    def give(self) -> Chunk:
        """Return what is due, and hold it no longer."""
        due = self.due()
        at, chunk = self._waiting.popleft()
        self.held -= _weight(chunk)
        if self.delays(chunk):
            self.toxic.effects.delayed_seconds += due - at
        return chunk

    def delays(self, chunk: Chunk) -> bool:
        """Tell whether the time for which a chunk waits is this toxic's doing."""
        return not isinstance(chunk, str)

    def leave(self, now: float) -> Iterator[Chunk]:
        """Return all that waits: the toxic is no longer on this connection."""
        self.toxic.effects.delayed_seconds += self.waited(now)
        while self._waiting:
            yield self._waiting.popleft()[1]
        self.held = 0

    def waited(self, now: float) -> float:
        """Return the seconds for which chunks have been waiting so far."""
        waiting = (at for at, chunk in self._waiting if self.delays(chunk))
        return sum(max(0.0, now - at) for at in waiting)

    def acted(self, chunk: Chunk = "end", *, dropped: int = 0, closed: int = 0) -> None:
        """Count what is done to a chunk, or to the connection."""
        effects = self.toxic.effects
        if not self._touched:
            self._touched = True
            effects.connections += 1
        if not isinstance(chunk, str):
            effects.chunks += 1
            effects.bytes += len(chunk)
        effects.dropped_bytes += dropped
        effects.closed += closed
