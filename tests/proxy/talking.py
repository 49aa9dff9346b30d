"""A connection of HTTP without sockets: what each side says, and what each gets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import strategies as st

from chaos_mcp.proxy.toxics import at_work
from chaos_mcp.proxy.toxics.base import NEVER, Stage
from chaos_mcp.proxy.toxics.place import Place
from chaos_mcp.proxy.toxics.toxic import Skips, Toxic
from tests.proxy.stages import toxic

SIDES = ("upstream", "downstream")


@dataclass
class Between:
    """A toxic on both directions of a connection, which nothing else is on."""

    toxic: Toxic
    fresh: bool = True
    now: float = 0.0
    got: dict[str, bytearray] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    woken: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        both: dict[Toxic, Any] = {}
        self.stages: dict[str, Stage] = {}
        for side in SIDES:
            self.got[side] = bytearray()
            self.woken[side] = 0
            place = Place(stream=side, both=both, fresh=self.fresh)
            place.wake = partial(self._wakes, side)
            self.stages[side] = at_work(self.toxic, place)
            self.stages[side].begin(0.0)

    def says(self, side: str, data: bytes) -> None:
        """Have one end say something, and pass on what is due."""
        self.stages[side].take(self.now, memoryview(data))
        self.flows()

    def ends(self, side: str) -> None:
        self.stages[side].take(self.now, "end")
        self.flows()

    def flows(self) -> None:
        for side, stage in self.stages.items():
            while stage.due() <= self.now:
                self._gets(side, stage.give())

    def _wakes(self, side: str) -> None:
        self.woken[side] += 1

    def _gets(self, side: str, chunk: Any) -> None:
        if isinstance(chunk, str):
            self.ended[side] = chunk
        else:
            self.got[side] += chunk

    def waits(self) -> None:
        """Let time pass until nothing is left to wait for."""
        while (due := min(one.due() for one in self.stages.values())) < NEVER:
            self.now = max(self.now, due)
            self.flows()

    def leaves(self) -> None:
        """Take the toxic off the connection."""
        for side, stage in self.stages.items():
            for chunk in stage.leave(self.now):
                self._gets(side, chunk)

    @property
    def asked(self) -> bytes:
        """Return what the upstream got."""
        return bytes(self.got["upstream"])

    @property
    def answered(self) -> bytes:
        """Return what the client got."""
        return bytes(self.got["downstream"])


def between(
    fresh: bool = True,  # noqa: FBT001, FBT002 - read with its name
    skips: Skips | None = None,
    **attributes: Any,
) -> Between:
    """Return a connection with an `http` toxic of these attributes on it."""
    one = toxic("http", **{"method": "", "path": "", "host": "", **attributes})
    one.skips = skips or one.skips
    return Between(one, fresh)


@dataclass(frozen=True)
class Said:
    """A request, and the answer that the upstream would give."""

    method: str
    path: str
    request: bytes
    answer: bytes
    last: bool = False
    """Whether the answer ends where the connection does."""


def chunked(body: bytes, size: int, trailer: bytes = b"") -> bytes:
    """Return a body in chunks."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    lines = [b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in parts]
    return b"".join([*lines, b"0\r\n", trailer, b"\r\n"])


def _body(headers: list[bytes], body: bytes, how: str) -> bytes:
    """Return the rest of a message, with its headers."""
    if how == "chunked":
        headers = [*headers, b"Transfer-Encoding: chunked"]
        body = chunked(body, 7, b"X-Sum: 1\r\n")
    elif how == "length":
        headers = [*headers, b"content-length:  %d " % len(body)]
    return b"\r\n".join([*headers, b"", body])


METHODS = st.sampled_from(["GET", "HEAD", "POST", "DELETE"])
PATHS = st.sampled_from(["/a", "/harm/1", "/harm/2?x=/a", "*"])
BODIES = st.binary(max_size=60) | st.sampled_from(
    [b"HTTP/1.1 200 OK\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\r\n\r\n"]
)
INTERIM = st.sampled_from(
    [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n"]
)


@st.composite
def exchanges(draw: st.DrawFn) -> Said:
    """Give a request and an answer, both as HTTP/1.1 has them."""
    method, path = draw(METHODS), draw(PATHS)
    how = draw(st.sampled_from(["chunked", "length"])) if method == "POST" else ""
    line = f"{method} {path} HTTP/1.1".encode()
    body = draw(BODIES) if how else b""
    request = _body([line, b"Host: shop:80", b"X-Odd:\tvalue "], body, how)
    status = draw(st.sampled_from([200, 204, 304, 404]))
    bare = method == "HEAD" or status in (204, 304)
    how = draw(st.sampled_from(["chunked", "length", "rest"]))
    if bare:
        how, body = "", b""
    first = b"HTTP/1.1 %d Whatever" % status
    answer = _body([first, b"Server: x"], draw(BODIES) if not bare else b"", how)
    return Said(method, path, request, draw(INTERIM) + answer, how == "rest")


def conversations() -> st.SearchStrategy[list[Said]]:
    """Give conversations in which only the last answer may end with the stream."""
    return st.lists(exchanges(), min_size=1, max_size=5).map(_up_to_last)


def _up_to_last(said: list[Said]) -> list[Said]:
    ends = [number for number, one in enumerate(said) if one.last]
    return said[: ends[0] + 1] if ends else said


def cut(data: bytes, sizes: Iterator[int]) -> Iterator[bytes]:
    """Cut data into pieces of sizes that are taken in turn."""
    while data:
        size = next(sizes)
        yield data[:size]
        data = data[size:]
