"""Cut chunks into small pieces: a peer that reads too little at once is found out."""

from typing import ClassVar

from chaos_mcp.proxy.toxics.base import Chunk, Stage
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Toxic

MICROSECOND = 1e-6


class Slicer(Stage):
    """Slices to `average_size` bytes, give or take `size_variation`.

    `delay` microseconds pass after each slice. While no size is given, or one that
    nothing exceeds, chunks stay whole.
    """

    defaults: ClassVar = {
        "average_size": "int",
        "size_variation": "int",
        "delay": "int",
    }

    def __init__(self, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self._free = 0.0

    def take(self, at: float, chunk: Chunk) -> None:
        """Count a chunk that will be cut or delayed."""
        if not isinstance(chunk, str) and self["average_size"]:
            self.acted(chunk)
        super().take(at, chunk)

    def ready(self) -> float:
        """Return when the pause after the last slice is over."""
        return max(super().ready(), self._free)

    def give(self) -> Chunk:
        """Return a slice; the rest of its chunk goes on waiting."""
        due = self.due()
        at, chunk = self._waiting[0]
        if isinstance(chunk, str) or not self["average_size"]:
            return super().give()
        size = self._size()
        if len(chunk) > size:
            self._waiting[0] = at, chunk[size:]
            self.held -= size
            chunk = chunk[:size]
        else:
            chunk = super().give()
        self._free = due + self["delay"] * MICROSECOND
        return chunk

    def _size(self) -> int:
        average, variation = self["average_size"], self["size_variation"]
        return max(1, self.chance.randint(average - variation, average + variation))
