"""Cut a stream into messages of HTTP/1, and lose no byte of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from chaos_mcp.proxy.toxics.http.heads import Framing, Head, Strange, parsed

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 64 * 1024
"""Bytes that a head may have: more than servers take."""
LINE = 4096
"""Bytes that the line before a chunk may have."""
_LONE = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(;[^\r\n]*)?")

Sort = Literal["head", "data", "frame", "end"]
"""A head, some of a body, what is around a body, the end of a message."""
Piece = tuple[Sort, "Head | bytes"]


class Wire:
    """Reads messages one after another, however they are cut.

    After a head it has to be told how the body ends (`body`). The heads and bytes that
    it gives, one after another, are what it was fed.
    """

    def __init__(self, first: re.Pattern[bytes], begun: re.Pattern[bytes]) -> None:
        self._first, self._begun = first, begun
        self._buffer = b""
        self._left = 0
        self._next: Callable[[], Piece | None] = self._head

    def __len__(self) -> int:
        """Return the bytes that it has not given yet."""
        return len(self._buffer)

    @property
    def until_end(self) -> bool:
        """Tell whether the message ends where the stream does."""
        return self._next == self._all

    def feed(self, data: bytes | memoryview) -> None:
        """Be given more of the stream."""
        self._buffer += data

    def next(self) -> Piece | None:
        """Return the next piece; None if there has to come more first.

        Raise `Strange`, and keep all that was not given, if this is not HTTP/1.
        """
        return self._next()

    def rest(self) -> bytes:
        """Return what was not given, and have it no more."""
        return self._cut(len(self._buffer))

    def body(self, framing: int) -> None:
        """Be told how the body ends that comes now."""
        self._left = max(0, framing)
        if framing == Framing.CHUNKED:
            self._next = self._size
        else:
            self._next = self._all if framing < 0 else self._sized

    def _cut(self, size: int) -> bytes:
        cut, self._buffer = self._buffer[:size], self._buffer[size:]
        return cut

    def _head(self) -> Piece | None:
        if self._buffer.startswith(b"\r\n"):  # RFC 9112, 2.2: may be before a request
            return "frame", self._cut(2)
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            self._doubt()
            return None
        if end > LONGEST:
            raise Strange
        head = parsed(self._buffer[: end + 4], self._first)
        self._cut(end + 4)
        return "head", head

    def _doubt(self) -> None:
        """Wait for no more of something that cannot become a head."""
        line, ended, _ = self._buffer.partition(b"\r\n")
        pattern = self._first if ended else self._begun
        known = pattern.fullmatch(line) or not line.strip(b"\r")
        if not known or _LONE.search(self._buffer) or len(self._buffer) > LONGEST:
            raise Strange

    def _sized(self) -> Piece | None:
        if not self._left:
            return self._end()
        return self._some()

    def _some(self) -> Piece | None:
        data = self._cut(self._left)
        self._left -= len(data)
        return ("data", data) if data else None

    def _all(self) -> Piece | None:
        return ("data", self.rest()) if self._buffer else None

    def _end(self) -> Piece:
        self._next = self._head
        return "end", b""

    def _line(self) -> bytes | None:
        """Return a line with its end, if it is there."""
        end = self._buffer.find(b"\n", 0, LINE)
        if end < 0:
            if len(self._buffer) >= LINE:
                raise Strange
            return None
        if self._buffer[end - 1 : end] != b"\r":
            raise Strange
        return self._buffer[: end + 1]

    def _size(self) -> Piece | None:
        line = self._line()
        if line is None:
            return None
        size = _SIZE.fullmatch(line[:-2])
        if not size:
            raise Strange
        self._left = int(size[1], 16)
        self._next = self._chunk if self._left else self._trailer
        return "frame", self._cut(len(line))

    def _chunk(self) -> Piece | None:
        if self._left:
            return self._some()
        line = self._line()
        if line is None:
            return None
        if line != b"\r\n":
            raise Strange
        self._next = self._size
        return "frame", self._cut(2)

    def _trailer(self) -> Piece | None:
        line = self._line()
        if line is None:
            return None
        if line == b"\r\n":
            self._next = self._end
        return "frame", self._cut(len(line))
