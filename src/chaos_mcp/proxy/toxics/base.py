"""What a toxic is on one direction of a connection: what waits in it, and how long."""

from __future__ import annotations

from collections import deque
from functools import cached_property
from math import inf
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos_mcp.proxy.toxics.place import Place
    from chaos_mcp.proxy.toxics.toxic import Toxic

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


class Stage:
    """A toxic at work on one direction of one connection.

    Chunks wait in it, in order, until they are due. It looks at the toxic's
    attributes whenever it is asked, so that a change holds from the next byte on.
    """

    defaults: ClassVar[Mapping[str, str]] = {}
    """The attributes in the API's order, with their types in Go."""
    extras: ClassVar[Mapping[str, str]] = {}
    """Attributes that Toxiproxy has not: nobody sees them who does not give them."""
    initial: ClassVar[Mapping[str, Any]] = {}
    """What attributes are that nobody gives, where that is not nothing."""
    both_ways: ClassVar[bool] = False
    """Whether it is at work in both directions, whatever its stream is."""
    room: ClassVar[int] = 64 * KIBIBYTE
    """Bytes that may wait in it before what comes before it pauses."""

    def __init__(self, toxic: Toxic, place: Place) -> None:
        self.toxic = toxic
        self.held = 0
        self.has_acted = self.has_closed = False
        self._place = place
        self.seed = place.seed_of(toxic, alone=not self.both_ways)
        self._waiting: deque[tuple[float, Chunk]] = deque()
        self._begun = 0.0
        self._ended = False

    @classmethod
    def on(cls, toxic: Toxic, place: Place) -> Stage:
        """Return what works for a toxic at a place."""
        return cls(toxic, place)

    @classmethod
    def check(cls, attributes: Mapping[str, Any]) -> None:
        """Raise ValueError if attributes are not what Toxiproxy has, nor make sense."""

    @property
    def proper(self) -> Stage:
        """Return what does the toxic's work."""
        return self

    @property
    def meets(self) -> bool:
        """Tell whether the toxic meets this connection: one roll, whatever changes."""
        if self.toxic.spares(self._place.number):
            return False
        return self.toxic.toxicity >= 1 or self.roll < self.toxic.toxicity

    @cached_property
    def roll(self) -> float:
        """Return the number that a toxicity above it meets, always the same."""
        return Random(self.seed).random()  # noqa: S311 - repeatable

    @cached_property
    def chance(self) -> Random:
        """Return the draws of this toxic on this connection, always the same."""
        return Random(f"{self.seed}/at work")  # noqa: S311 - repeatable

    def __getitem__(self, attribute: str) -> int:
        """Return an attribute as it is now, and never below zero."""
        value: int = self.toxic.attributes[attribute]
        return max(0, value)

    @property
    def full(self) -> bool:
        """Tell whether there is no more room in it."""
        return self.held >= self.room

    def resume(self, now: float) -> None:
        """Go on after what comes after it took nothing for a while."""

    def begin(self, now: float) -> None:
        """Start to work on a connection, or anew with other attributes."""
        self._begun = now

    def stop(self) -> None:
        """Be told that the connection has ended."""

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
        return self._given(self.due())

    def _given(self, due: float) -> Chunk:
        """Return the first chunk, which was due at a time."""
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
        if not self.has_acted:
            self.has_acted = True
            effects.connections += 1
        self.has_closed = self.has_closed or closed > 0
        if not isinstance(chunk, str):
            effects.chunks += 1
            effects.bytes += len(chunk)
        effects.dropped_bytes += dropped
        effects.closed += closed
