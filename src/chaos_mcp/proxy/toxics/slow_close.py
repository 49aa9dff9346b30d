"""Delay the end of a stream: a peer that cannot let go."""

from typing import ClassVar

from chaos_mcp.proxy.toxics.base import MILLISECOND, Chunk, Stage


class SlowClose(Stage):
    """Delays the close by `delay` milliseconds."""

    defaults: ClassVar = {"delay": "int64"}

    def take(self, at: float, chunk: Chunk) -> None:
        """Let data pass; count an end that has to wait."""
        if isinstance(chunk, str) and self["delay"] and not self._ended:
            self.acted(closed=1)
        super().take(at, chunk)

    def ready(self) -> float:
        """Return at once for data, later for the end."""
        due = super().ready()
        if self._waiting and isinstance(self._waiting[0][1], str):
            return due + self["delay"] * MILLISECOND
        return due

    def delays(self, chunk: Chunk) -> bool:
        """Count the time of ends, not that of data."""
        return not super().delays(chunk)
