"""Delay every chunk: a link that is far away."""

from collections.abc import Iterable
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import END, Chunk, Piece, Stage

MILLISECOND = 1e-3


class Latency(Stage):
    """Delays by `latency` milliseconds, give or take `jitter`, in order."""

    defaults: ClassVar = {"latency": 0, "jitter": 0}

    def pipe(self, due: float, chunk: Chunk) -> Iterable[Piece]:
        """Return the chunk with a later time; the end of a stream is not delayed."""
        if chunk is END:
            yield due, chunk
            return
        jitter = self["jitter"]
        swing = self.chance.uniform(-jitter, jitter) if jitter else 0.0
        delay = max(0.0, self["latency"] + swing) * MILLISECOND
        self.acted(chunk, delay=delay)
        yield due + delay, chunk
