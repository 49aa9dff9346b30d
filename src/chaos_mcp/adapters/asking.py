"""HTTP/1.1 as our own proxy server speaks it: one request a connection.

The guardian speaks it, too, and has to be ready within a fraction of the time that it
takes to load a whole HTTP client.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

if TYPE_CHECKING:
    from anyio.abc import ByteReceiveStream

HEAD = 65536
"""Bytes that the head of an answer may have."""
END = b"\r\n\r\n"
OK, MULTIPLE = 200, 300


class NoAnswer(Exception):
    """What came back is no answer, or not all of one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    content: bytes

    @property
    def good(self) -> bool:
        """Tell whether it did what was asked."""
        return OK <= self.status < MULTIPLE

    @property
    def text(self) -> str:
        """Return what it said."""
        return self.content.decode("utf-8", "replace")


async def ask(url: str, method: str, path: str, body: Any = None) -> Answer:
    """Ask a server; raise `NoAnswer` or `OSError` if it does not answer.

    There is no time limit here.
    """
    host, port = _where(url)
    async with await anyio.connect_tcp(host, port) as stream:
        try:
            await stream.send(_written(f"{method} {path}", f"{host}:{port}", body))
            return await _read(stream)
        except (anyio.EndOfStream, anyio.IncompleteRead) as error:
            raise NoAnswer("it hung up before it had answered") from error
        except anyio.BrokenResourceError as error:
            raise NoAnswer("it broke the connection off") from error
        except (anyio.DelimiterNotFound, ValueError, IndexError) as error:
            raise NoAnswer("it does not speak HTTP") from error


def _where(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise NoAnswer(f"{url!r} is not http://host:port")


def _written(what: str, host: str, body: Any) -> bytes:
    head = [f"{what} HTTP/1.1", f"Host: {host}", "Connection: close"]
    content = b""
    if body is not None:
        content = json.dumps(body).encode()
        head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(head).encode() + END + content


async def _read(stream: ByteReceiveStream) -> Answer:
    buffered = BufferedByteReceiveStream(stream)
    first, *lines = (await buffered.receive_until(END, HEAD)).split(b"\r\n")
    version, status = first.split(b" ")[:2]
    if not version.startswith(b"HTTP/1."):
        raise NoAnswer("it does not speak HTTP")
    size = _size(lines)
    content = await buffered.receive_exactly(size) if size else b""
    return Answer(int(status), content)


def _size(lines: list[bytes]) -> int:
    """Return how long an answer is; one that does not say it has no content."""
    for line in lines:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
