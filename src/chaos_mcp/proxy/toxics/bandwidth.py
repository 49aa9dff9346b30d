"""Let through so many kilobytes a second: a thin link."""

from typing import ClassVar

from chaos_mcp.proxy.toxics.base import NEVER, Chunk, Stage, Toxic

KILOBYTE = 1000
SLICE = 0.005
"""Seconds of traffic that pass at once: fine enough to look smooth."""
STOCK = 0.05
"""Seconds of traffic that may wait on a fast line."""
CATCH_UP = 0.05
"""Seconds of traffic that may pass at once after the target took nothing."""


class Bandwidth(Stage):
    """Paces to `rate` KB/s by virtual time, so that the rate is exact over any span.

    At a rate of 0 nothing passes, not even the end.
    """

    defaults: ClassVar = {"rate": "int64"}

    def __init__(self, toxic: Toxic, seed: str) -> None:
        super().__init__(toxic, seed)
        self._free = 0.0

    def begin(self, now: float) -> None:
        """Have the line free from now on, at its rate of now."""
        super().begin(now)
        self._free = max(self._free, now)

    def take(self, at: float, chunk: Chunk) -> None:
        """Hold a chunk back until the line is free for it."""
        if not isinstance(chunk, str):
            self.acted(chunk)
        super().take(at, chunk)

    def ready(self) -> float:
        """Return when the next slice will have gone over the line."""
        if not self._waiting:
            return NEVER
        at, chunk = self._waiting[0]
        if isinstance(chunk, str):
            return max(at, self._free)
        rate = self["rate"] * KILOBYTE
        if not rate:
            return NEVER
        return max(at, self._free) + min(len(chunk), self._size()) / rate

    def give(self) -> Chunk:
        """Return the next slice; the rest of its chunk goes on waiting."""
        due, size = self.due(), self._size()
        at, chunk = self._waiting[0]
        if isinstance(chunk, str) or len(chunk) <= size:
            chunk = super().give()
            self._free = due
            return chunk
        self._free = due
        self._waiting[0] = at, chunk[size:]
        self.held -= size
        return chunk[:size]

    @property
    def full(self) -> bool:
        """Hold enough for the line never to run dry."""
        return self.held >= max(self.room, self["rate"] * KILOBYTE * STOCK)

    def resume(self, now: float) -> None:
        """Do not make up for the time for which nothing could be sent."""
        self._free = max(self._free, now - CATCH_UP)

    def _size(self) -> int:
        """Return the bytes of a slice."""
        return max(1, int(self["rate"] * KILOBYTE * SLICE))
