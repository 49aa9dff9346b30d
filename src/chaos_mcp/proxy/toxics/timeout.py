"""Swallow everything: a black hole, which may close the connection in the end."""

from collections.abc import Iterator
from typing import ClassVar

from chaos_mcp.proxy.toxics.base import MILLISECOND, NEVER, Chunk, Stage


class Timeout(Stage):
    """Drops all data; closes after `timeout` milliseconds of silence, 0 never.

    What it swallowed is lost, so the connection is closed when it is removed. The
    end of a stream passes, as it does in Toxiproxy.
    """

    defaults: ClassVar = {"timeout": "int64"}
    _quiet_since = 0.0

    def begin(self, now: float) -> None:
        """Start to listen to the silence."""
        super().begin(now)
        self._quiet_since = now

    def take(self, at: float, chunk: Chunk) -> None:
        """Drop data, let an end pass."""
        if isinstance(chunk, str):
            super().take(at, chunk)
        elif not self._ended:
            self._quiet_since = at
            self.acted(chunk, dropped=len(chunk))

    def ready(self) -> float:
        """Return when the silence will have lasted too long."""
        if self._waiting or self._ended:
            return super().ready()
        timeout = self["timeout"] * MILLISECOND
        return self._quiet_since + timeout if timeout else NEVER

    def give(self) -> Chunk:
        """Return the end that came, or the close that the silence brought."""
        if self._waiting:
            return super().give()
        self._ended = True
        self.acted(closed=1)
        return "close"

    def leave(self, now: float) -> Iterator[Chunk]:
        """Return a close: a hole in a stream cannot be mended."""
        yield from super().leave(now)
        if not self._ended:
            yield "close"
