"""Answer the first data with a TCP RST: a peer that crashed."""

from typing import ClassVar

from chaos_mcp.proxy.toxics.base import MILLISECOND, Chunk, Stage


class ResetPeer(Stage):
    """Resets the connection `timeout` milliseconds after the first chunk.

    An end counts as one. What comes is dropped.
    """

    defaults: ClassVar = {"timeout": "int64"}

    def take(self, at: float, chunk: Chunk) -> None:
        """Drop the chunk; the first one starts the clock."""
        dropped = 0 if isinstance(chunk, str) else len(chunk)
        self.acted(chunk, dropped=dropped, closed=int(not self._ended))
        super().take(at, "reset")

    def ready(self) -> float:
        """Return when the connection is to be reset."""
        return super().ready() + self["timeout"] * MILLISECOND
