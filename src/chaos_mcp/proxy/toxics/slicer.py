"""Cut chunks into small pieces: a peer that reads too little at once is found out."""

from collections.abc import Iterable
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import END, Chunk, Piece, Stage

MICROSECOND = 1e-6


class Slicer(Stage):
    """Slices to `average_size` bytes, give or take `size_variation`.

    `delay` microseconds pass between two slices.
    """

    defaults: ClassVar = {"average_size": 0, "size_variation": 0, "delay": 0}

    def pipe(self, due: float, chunk: Chunk) -> Iterable[Piece]:
        """Return the chunk in slices; as it is while no size is given."""
        if chunk is END or not self["average_size"]:
            yield due, chunk
            return
        start, delay = 0, self["delay"] * MICROSECOND
        begun = due
        while start < len(chunk):
            size = self._size()
            yield due, chunk[start : start + size]
            start += size
            due += delay
        self.acted(chunk, delay=due - begun)

    def _size(self) -> int:
        average, variation = self["average_size"], self["size_variation"]
        return max(1, self.chance.randint(average - variation, average + variation))
