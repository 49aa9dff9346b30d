"""Delay every chunk: a link that is far away."""

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

    def __init__(self, toxic: Toxic, seed: str) -> None:
        super().__init__(toxic, seed)
        self._swing: float | None = None
        self._last = 0.0

    def take(self, at: float, chunk: Chunk) -> None:
        """Hold a chunk back, and count it if that is for any time at all."""
        if not isinstance(chunk, str) and (self["latency"] or self["jitter"]):
            self.acted(chunk)
        super().take(at, chunk)

    def ready(self) -> float:
        """Return when the delay of the first chunk is over; an end has none."""
        due = super().ready()
        if not self._waiting or isinstance(self._waiting[0][1], str):
            return max(due, self._last)
        delay = self["latency"] + self._jitter()
        return max(due + max(0.0, delay) * MILLISECOND, self._last)

    def give(self) -> Chunk:
        """Return the first chunk; the next one has a jitter of its own."""
        self._last = self.due()
        chunk = super().give()
        self._swing = None
        return chunk

    def _jitter(self) -> float:
        """Return the jitter of the first chunk, drawn once."""
        if not self["jitter"]:
            return 0.0
        if self._swing is None:
            self._swing = self.chance.uniform(-1.0, 1.0)
        return self["jitter"] * self._swing
