"""Close after so many bytes: a connection that breaks in the middle."""

from typing import ClassVar

from chaos_mcp.proxy.toxics.base import Chunk, Stage
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Toxic


class LimitData(Stage):
    """Lets `bytes` bytes through on each connection, then closes it."""

    defaults: ClassVar = {"bytes": "int64"}

    def __init__(self, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self._passed = 0

    def take(self, at: float, chunk: Chunk) -> None:
        """Let pass what still fits, then close."""
        if isinstance(chunk, str) or self._ended:
            super().take(at, chunk)
            return
        room = max(0, self["bytes"] - self._passed)
        fitting = chunk[:room]
        self._passed += len(fitting)
        if fitting:
            super().take(at, fitting)
        if self._passed >= self["bytes"]:
            self.acted(chunk, dropped=len(chunk) - len(fitting), closed=1)
            super().take(at, "close")
