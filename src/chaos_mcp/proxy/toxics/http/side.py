"""What both directions of a talk do: hold pieces for a time, in order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar

from chaos_mcp.proxy.toxics.base import KIBIBYTE, Chunk, Stage
from chaos_mcp.proxy.toxics.http.wire import LONGEST, Wire

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from chaos_mcp.proxy.toxics.http.talk import Talk
    from chaos_mcp.proxy.toxics.place import Place
    from chaos_mcp.proxy.toxics.toxic import Toxic


class Side(Stage):
    """One direction: messages are cut out of it, harmed or not, and go on."""

    both_ways: ClassVar = True
    room: ClassVar = 4 * LONGEST + 64 * KIBIBYTE
    patterns: ClassVar[tuple[re.Pattern[bytes], re.Pattern[bytes]]]
    """How a message begins, and how the beginning of one that is cut may look."""

    def __init__(self, talk: Talk, toxic: Toxic, place: Place) -> None:
        super().__init__(toxic, place)
        self.talk = talk
        self.place = place
        self.wire = Wire(*self.patterns)
        self._holds: deque[float] = deque()
        self._last = 0.0

    def wait(self, at: float, chunk: Chunk, hold: float = 0.0) -> None:
        """Hold a chunk for a time, and whatever comes after it."""
        self._holds.append(hold)
        super().wait(at, chunk)

    def ready(self) -> float:
        """Return when the first chunk has waited for long enough."""
        due = super().ready()
        return max(due + self._holds[0], self._last) if self._holds else due

    def _given(self, due: float) -> Chunk:
        self._last = due
        self._holds.popleft()
        return super()._given(due)

    def leave(self, now: float) -> Iterator[Chunk]:
        """Return all that waits; where something is missing, a close."""
        yield from super().leave(now)
        self._holds.clear()
        rest = self.wire.rest()
        torn = self.talk.tear()
        self.wire = Wire(*self.patterns)
        if self._ended:
            return
        if torn:
            self._ended = True
            yield "close"
        elif rest:
            yield memoryview(rest)

    def put(self, at: float, data: bytes, hold: float = 0.0) -> None:
        """Let bytes go on, after a time."""
        if data and not self._ended:
            self.wait(at, memoryview(data), hold)

    def close(self, at: float) -> None:
        """End the connection after all that waits."""
        self._end(at, "close")

    def _end(self, at: float, ending: Chunk) -> None:
        super().take(at, ending)
