"""Swallow everything: a black hole, which may close the connection in the end."""

from collections.abc import Iterable
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import END, Chunk, Piece, Stage
from chaos_mcp.proxy.toxics.latency import MILLISECOND


class Timeout(Stage):
    """Drops all data; closes after `timeout` milliseconds of silence, 0 never.

    What it swallowed is lost: when it is removed, the connection is closed.
    """

    defaults: ClassVar = {"timeout": 0}

    def pipe(self, due: float, chunk: Chunk) -> Iterable[Piece]:
        """Return nothing of the chunk, nor of the end: a hole tells nobody."""
        del due
        if chunk is not END:
            self.acted(chunk, dropped=len(chunk))
        return ()

    def begin(self, now: float) -> float | None:
        """Return when the silence will have lasted too long."""
        timeout = self["timeout"]
        return now + timeout * MILLISECOND if timeout else None

    @property
    def spoilt(self) -> bool:
        """A hole in the stream cannot be mended: Toxiproxy closes it as well."""
        return True
