"""One connection to a server, for one request at a time: HTTP/1.1, and no more.

A generator takes part in what it measures: a whole client costs five times as much.
"""

from __future__ import annotations

import select
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import anyio
import h11

from chaos_mcp.workload.http import Unsent

if TYPE_CHECKING:
    import ssl

    from anyio.abc import ByteStream

CHUNK = 65536
HEAD = 102_400
"""Bytes that the head of an answer may have."""
IDLE = 5.0
"""Seconds for which a connection is kept without a use."""
DROPPED = (anyio.BrokenResourceError, anyio.ClosedResourceError)


class Unreachable(Unsent):
    """There is nobody to talk to."""

    word = "connect"


class Broken(Unsent):
    """What came was no whole answer."""


class Origin(NamedTuple):
    """Where requests go that may share a connection."""

    secure: bool
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A request that was worked out once, and is sent many times."""

    origin: Origin
    head: h11.Request
    body: bytes


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: list[bytes]
    """In pieces, as they came; none, unless they have to be decoded."""

    @property
    def encoded(self) -> bool:
        """Tell whether the body can only be judged by decoding it."""
        return any(name == b"content-encoding" for name, _ in self.headers)


def _http() -> h11.Connection:
    return h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)


@dataclass(slots=True)
class Wire:
    """A connection that is open."""

    origin: Origin
    stream: ByteStream
    http: h11.Connection = field(default_factory=_http)
    until: float = 0.0
    """When it is too old to be used again."""

    async def ask(self, ready: Ready) -> Answer:
        """Send a request and wait for the whole of its answer, or raise `Broken`."""
        try:
            await self._send(ready)
            return await self._answer()
        except (h11.ProtocolError, *DROPPED) as error:
            raise Broken(str(error)) from error

    async def _send(self, ready: Ready) -> None:
        parts = [ready.head, *([h11.Data(ready.body)] if ready.body else [])]
        data = b"".join(self.http.send(part) or b"" for part in parts)
        data += self.http.send(h11.EndOfMessage()) or b""
        # Whoever hangs up on what it has not read may have answered before.
        with suppress(*DROPPED):
            await self.stream.send(data)

    async def _answer(self) -> Answer:
        answer = Answer(0, [], [])
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self._more())
            elif isinstance(event, h11.Response | h11.InformationalResponse):
                answer = Answer(event.status_code, [*event.headers], [])
            elif not isinstance(event, h11.Data):
                return answer
            elif answer.encoded:
                answer.body.append(event.data)

    async def _more(self) -> bytes:
        try:
            return await self.stream.receive(CHUNK)
        except anyio.EndOfStream:
            return b""

    def renew(self) -> bool:
        """Make ready for the next request; tell whether there can be one."""
        if {self.http.our_state, self.http.their_state} != {h11.DONE}:
            return False
        self.http.start_next_cycle()
        self.until = time.monotonic() + IDLE
        return True

    def usable(self) -> bool:
        """Tell whether it is young, and the server has not closed it meanwhile."""
        return time.monotonic() < self.until and not _readable(self.stream)

    async def close(self) -> None:
        """Close it, without a word."""
        await anyio.aclose_forcefully(self.stream)


def _readable(stream: ByteStream) -> bool:
    """Tell whether there is something to read, which of an idle one is its end."""
    raw = stream.extra(anyio.abc.SocketAttribute.raw_socket)  # noqa: S610 - no Django
    if raw.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(raw, select.POLLIN)
    return bool(poll.poll(0))


async def connect(origin: Origin, tls: ssl.SSLContext | None) -> Wire:
    """Open a connection, or raise `Unreachable`."""
    where = origin.host, origin.port
    try:
        stream: ByteStream
        if origin.secure:
            stream = await anyio.connect_tcp(
                *where, tls=True, ssl_context=tls, tls_standard_compatible=False
            )
        else:
            stream = await anyio.connect_tcp(*where)
    except (OSError, anyio.EndOfStream, *DROPPED) as error:
        raise Unreachable(str(error)) from error
    return Wire(origin, stream)
