"""Delay every chunk: a link that is far away."""

from random import Random
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import (
    KIBIBYTE,
    MILLISECOND,
    Chunk,
    Stage,
    Toxic,
)


class Latency(Stage):
    """Delays by `latency` milliseconds, give or take `jitter`, in order."""

    defaults: ClassVar = {"latency": "int64", "jitter": "int64"}
    # A long link holds much: 100 ms of 320 MB/s.
    room: ClassVar = 32 * KIBIBYTE * KIBIBYTE

    def __init__(self, toxic: Toxic, chance: Random) -> None:
        super().__init__(toxic, chance)
        self._swing = chance.uniform(-1.0, 1.0)
        self._last = 0.0

    def take(self, at: float, chunk: Chunk) -> None:
        """Hold a chunk back, and count it if that is for any time at all."""
        if not isinstance(chunk, str) and (self["latency"] or self["jitter"]):
            self.acted(chunk)
        super().take(at, chunk)

    def due(self) -> float:
        """Return when the delay of the first chunk is over; an end has none."""
        due = super().due()
        if not self._waiting or isinstance(self._waiting[0][1], str):
            return max(due, self._last)
        delay = self["latency"] + self["jitter"] * self._swing
        return max(due + max(0.0, delay) * MILLISECOND, self._last)

    def give(self) -> Chunk:
        """Return the first chunk, and draw the next one's jitter."""
        self._last = self.due()
        chunk = super().give()
        self._swing = self.chance.uniform(-1.0, 1.0)
        return chunk
