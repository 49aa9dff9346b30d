"""Let the first bytes or the first time of a connection through, then be a toxic."""

from collections.abc import Iterator

from chaos_mcp.proxy.toxics.base import NEVER, Chunk, Stage
from chaos_mcp.proxy.toxics.place import Place


class Skipping(Stage):
    """Lets the beginning of a connection pass before the toxic proper begins.

    Where bytes and a time are given, both have to be over.
    """

    def __init__(self, inner: Stage, place: Place) -> None:
        super().__init__(inner.toxic, place)
        self.inner = inner
        self._passed = 0
        self._from: float | None = None

    @property
    def proper(self) -> Stage:
        """Return the toxic that begins later."""
        return self.inner

    @property
    def meets(self) -> bool:
        """Tell whether the toxic proper meets this connection."""
        return self.inner.meets

    def begin(self, now: float) -> None:
        """Begin after the time that is let through, or once the bytes have passed."""
        super().begin(now)
        if self._from is None:
            self._from = now + self.toxic.skips.seconds
        if self._enough:
            self.inner.begin(max(now, self._from))

    @property
    def _enough(self) -> bool:
        return self._passed >= self.toxic.skips.bytes

    def take(self, at: float, chunk: Chunk) -> None:
        """Let a chunk pass, or as much of it as is let through, or hand it on."""
        if isinstance(chunk, str):
            self._hand(at, chunk)
            return
        begun = self._enough
        size = self._free(at, len(chunk))
        self._passed += size
        if size:
            super().take(at, chunk[:size])
        if self._enough and not begun:
            self.inner.begin(max(at, self._from or at))
        if chunk[size:]:
            self.inner.take(at, chunk[size:])

    def _free(self, at: float, size: int) -> int:
        """Return how many of so many bytes are let through."""
        if self._from is None or at < self._from:
            return size
        return max(0, min(size, self.toxic.skips.bytes - self._passed))

    def _hand(self, at: float, ending: Chunk) -> None:
        """Give an ending to the toxic proper, if that has begun."""
        if self._enough and self._from is not None and at >= self._from:
            self.inner.take(at, ending)
        else:
            super().take(at, ending)

    def due(self) -> float:
        """Return when something may go on: first what was let through."""
        if self._waiting:
            return super().due()
        return self.inner.due() if self._enough and not self._ended else NEVER

    def give(self) -> Chunk:
        """Return what is due."""
        return super().give() if self._waiting else self.inner.give()

    def leave(self, now: float) -> Iterator[Chunk]:
        """Return all that waits, in order."""
        while self._waiting:
            yield self._waiting.popleft()[1]
        self.held = 0
        if self._enough:
            yield from self.inner.leave(now)

    @property
    def full(self) -> bool:
        """Tell whether there is no more room in it."""
        return super().full or self.inner.full

    def resume(self, now: float) -> None:
        """Go on after what comes after it took nothing for a while."""
        self.inner.resume(now)

    def stop(self) -> None:
        """Be told that the connection has ended."""
        self.inner.stop()

    def waited(self, now: float) -> float:
        """Return the seconds for which the toxic proper has held chunks."""
        return self.inner.waited(now)
