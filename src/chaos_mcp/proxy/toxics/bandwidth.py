"""Let through so many kilobytes a second: a thin link."""

from collections.abc import Iterable
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import END, Chunk, Piece, Stage

KILOBYTE = 1000
SLICE = 0.005
"""Seconds of traffic that pass at once: fine enough to look smooth."""
NEVER = 3.15e7
"""A rate of 0 lets nothing through: a year counts as never."""


class Bandwidth(Stage):
    """Paces to `rate` KB/s by virtual time, so that the rate is exact over any span."""

    defaults: ClassVar = {"rate": 0}

    def pipe(self, due: float, chunk: Chunk) -> Iterable[Piece]:
        """Return the chunk in slices, each when the rate allows."""
        if chunk is END:
            yield max(due, self.free_at), chunk
            return
        rate = self["rate"] * KILOBYTE
        size = max(1, int(rate * SLICE)) if rate else len(chunk)
        self.free_at = max(self.free_at, due)
        for start in range(0, len(chunk), size):
            piece = chunk[start : start + size]
            self.free_at += len(piece) / rate if rate else NEVER
            yield self.free_at, piece
        self.acted(chunk, delay=self.free_at - due)
