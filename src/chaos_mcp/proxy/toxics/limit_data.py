"""Close after so many bytes: a connection that breaks in the middle."""

from collections.abc import Iterable
from random import Random
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import END, Chunk, Piece, Stage, Toxic


class LimitData(Stage):
    """Lets `bytes` bytes through on each connection, then closes it."""

    defaults: ClassVar = {"bytes": 0}

    def __init__(self, toxic: Toxic, connection: int, chance: Random) -> None:
        super().__init__(toxic, connection, chance)
        self.passed = 0

    def pipe(self, due: float, chunk: Chunk) -> Iterable[Piece]:
        """Return what still fits, then the close."""
        if chunk is END:
            yield due, chunk
            return
        room = max(0, self["bytes"] - self.passed)
        fitting = chunk[:room]
        self.passed += len(fitting)
        if fitting:
            yield due, fitting
        if self.passed >= self["bytes"]:
            self.acted(chunk, dropped=len(chunk) - len(fitting), closed=1)
            yield due, "close"
