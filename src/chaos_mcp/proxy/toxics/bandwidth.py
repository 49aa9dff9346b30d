"""Let through so many kilobytes a second: a thin link."""

from typing import ClassVar

from chaos_mcp.proxy.toxics.base import NEVER, Chunk, Stage
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Toxic

KILOBYTE = 1000
SLICE = 0.005
"""Seconds of traffic that pass at once: fine enough to look smooth."""
STOCK = 0.05
"""Seconds of traffic that may wait on a fast line."""
CATCH_UP = 0.05
"""Seconds of traffic that may pass at once after the target took nothing."""


class Line:
    """What traffic goes over, one slice after another."""

    def __init__(self) -> None:
        self.attributes: object = None
        """Of the toxic, as they were when it was free for all that waits."""
        self._free = 0.0

    def clear(self, now: float) -> None:
        """Have the line free from now on."""
        self._free = now

    def reserve(self, at: float, seconds: float) -> float:
        """Take the next slot of the line, and return when it is over."""
        self._free = max(at, self._free) + seconds
        return self._free


class Bandwidth(Stage):
    """Paces to `rate` KB/s by virtual time, so that the rate is exact over any span.

    At a rate of 0 nothing passes, not even the end. If it is `shared`, all connections
    have the rate together: who has something to send has the next slice in turn.
    """

    defaults: ClassVar = {"rate": "int64"}
    extras: ClassVar = {"shared": "bool"}

    def __init__(self, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self._own = self._line = Line()
        self._last = 0.0
        self._slot: tuple[float, int] | None = None
        """When the next slice will have gone over the line, and its bytes."""

    def begin(self, now: float) -> None:
        """Have the line free from now on, at its rate of now."""
        super().begin(now)
        attributes = self.toxic.attributes
        self._line = self._common() if attributes.get("shared") else self._own
        if self._line.attributes is not attributes:
            self._line.attributes = attributes
            self._line.clear(now)
        self._line.reserve(now, 0)
        self._slot = None

    def _common(self) -> Line:
        line: Line = self.toxic.shared.setdefault("line", Line())
        return line

    def take(self, at: float, chunk: Chunk) -> None:
        """Hold a chunk back until the line is free for it."""
        if not isinstance(chunk, str):
            self.acted(chunk)
        super().take(at, chunk)

    def ready(self) -> float:
        """Return when the next slice will have gone over the line."""
        if not self._waiting:
            return NEVER
        at, chunk = self._waiting[0]
        if isinstance(chunk, str):
            return max(at, self._last)
        if self._slot is None:
            self._slot = self._reserved(at, chunk)
        return self._slot[0]

    def _reserved(self, at: float, chunk: memoryview) -> tuple[float, int]:
        """Return the next slot of the line; who comes later has a later one."""
        rate, size = self["rate"] * KILOBYTE, min(len(chunk), self._size())
        if not rate:
            return NEVER, size
        return self._line.reserve(at, size / rate), size

    def give(self) -> Chunk:
        """Return the next slice; the rest of its chunk goes on waiting."""
        due = self.due()
        at, chunk = self._waiting[0]
        size = 0 if self._slot is None else self._slot[1]
        self._last, self._slot = due, None
        if isinstance(chunk, str) or len(chunk) <= size:
            return self._given(due)
        self._waiting[0] = at, chunk[size:]
        self.held -= size
        return chunk[:size]

    @property
    def full(self) -> bool:
        """Hold enough for the line never to run dry."""
        return self.held >= max(self.room, self["rate"] * KILOBYTE * STOCK)

    def resume(self, now: float) -> None:
        """Do not make up for the time for which nothing could be sent."""
        self._line.reserve(now - CATCH_UP, 0)

    def _size(self) -> int:
        """Return the bytes of a slice."""
        return max(1, int(self["rate"] * KILOBYTE * SLICE))
