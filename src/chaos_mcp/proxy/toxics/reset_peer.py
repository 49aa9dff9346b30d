"""Answer the first data with a TCP RST: a peer that crashed."""

from collections.abc import Iterable
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import Chunk, Piece, Stage
from chaos_mcp.proxy.toxics.latency import MILLISECOND


class ResetPeer(Stage):
    """Resets the connection `timeout` milliseconds after the first chunk."""

    defaults: ClassVar = {"timeout": 0}

    def pipe(self, due: float, chunk: Chunk) -> Iterable[Piece]:
        """Return nothing of the chunk but the reset."""
        self.acted(chunk, dropped=len(chunk or b""), closed=1)
        yield due + self["timeout"] * MILLISECOND, "reset"

    @property
    def spoilt(self) -> bool:
        """What it swallowed is lost."""
        return True
