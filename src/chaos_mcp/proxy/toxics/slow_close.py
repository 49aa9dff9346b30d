"""Delay the end of a stream: a peer that cannot let go."""

from collections.abc import Iterable
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import END, Chunk, Piece, Stage
from chaos_mcp.proxy.toxics.latency import MILLISECOND


class SlowClose(Stage):
    """Delays the close by `delay` milliseconds."""

    defaults: ClassVar = {"delay": 0}

    def pipe(self, due: float, chunk: Chunk) -> Iterable[Piece]:
        """Return chunks as they are, and the end later."""
        if chunk is not END:
            yield due, chunk
            return
        delay = self["delay"] * MILLISECOND
        self.acted(delay=delay, closed=1)
        yield due + delay, END
