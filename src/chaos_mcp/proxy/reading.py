"""Requests as they come over the wire: what Go's server takes, and what it refuses."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from http import HTTPStatus

from chaos_mcp.proxy.chunks import chunked, exactly
from chaos_mcp.proxy.http import NEW, OLD, BadRequest, Body, Request
from chaos_mcp.proxy.targets import BadTarget, Target, target

HEAD = 2**20 + 4096
"""Bytes that a head may have, as in Go."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
WRITES = ("POST", "PATCH")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z", re.ASCII)
_KEY = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z -]+\Z", re.ASCII)
_HOST = re.compile(r"[!$%&'()*+,.:;=@\[\]_~0-9A-Za-z-]*\Z", re.ASCII)
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
_VERSION = re.compile(r"HTTP/([0-9])\.([0-9])\Z", re.ASCII)
_LENGTH = re.compile(r"[0-9]+\Z", re.ASCII)


@dataclass(slots=True)
class Head:
    """All of a request but its body."""

    method: str
    target: Target
    version: tuple[int, int]
    headers: dict[str, list[str]] = field(default_factory=dict)

    @property
    def old(self) -> bool:
        """Tell whether it is of HTTP/1.0."""
        return self.version == (1, 0)

    def tokens(self, name: str) -> set[str]:
        """Return what a header lists, in small letters."""
        listed = ",".join(self.headers.get(name, ())).split(",")
        return {one.strip(" \t").lower() for one in listed}

    @property
    def keep(self) -> bool:
        """Tell whether another request may follow."""
        wishes = self.tokens("connection")
        return "keep-alive" in wishes if self.old else "close" not in wishes


async def read(
    begun: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    """Return the next request, of which a byte may have come; None if none follows.

    Raise `BadRequest` for what is not HTTP or too much.
    """
    head = await _head(begun, reader)
    if head is None:
        return None
    _check(head)
    length = _length(head)
    waits = "100-continue" in head.tokens("expect")
    if not waits and head.headers.get("expect", [""])[0]:
        raise BadRequest(status=HTTPStatus.EXPECTATION_FAILED, body="")
    if waits and length and not head.old:
        if head.method not in WRITES:  # nobody wants the body
            return _request(head, Body(), keep=False)
        writer.write(CONTINUE)
    body = await (chunked(reader) if length is None else exactly(reader, length))
    return _request(head, body, keep=head.keep and not body.cut)


def _request(head: Head, body: Body, *, keep: bool) -> Request:
    headers = {name: values[0] for name, values in head.headers.items()}
    version = OLD if head.old else NEW
    return Request(head.method, head.target, headers, body, version, keep)


async def _head(begun: bytes, reader: asyncio.StreamReader) -> Head | None:
    lines: list[str] = []
    size = 0
    try:
        while line := await _line(reader, b"" if lines else begun):
            size = _allowed(size + len(line) + 2)
            if not lines:
                head = _first(line)
            lines.append(line)
    except asyncio.LimitOverrunError:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        raise BadRequest(status=status) from None
    except asyncio.IncompleteReadError as error:
        if lines or error.partial:
            raise BadRequest from None
        return None
    if not lines:
        raise BadRequest
    _add_headers(head, lines[1:])
    return head


def _allowed(size: int) -> int:
    if size > HEAD:
        raise asyncio.LimitOverrunError("the head of a request", size)
    return size


async def _line(reader: asyncio.StreamReader, begun: bytes) -> str:
    line = begun if begun == b"\n" else begun + await reader.readuntil(b"\n")
    return line[:-1].removesuffix(b"\r").decode("latin-1")


def _first(line: str) -> Head:
    method, _, rest = line.partition(" ")
    asked, _, version = rest.partition(" ")
    found = _VERSION.match(version)
    if not found or not _TOKEN.match(method):
        raise BadRequest
    try:
        return Head(method, target(asked, method), (int(found[1]), int(found[2])))
    except BadTarget:
        raise BadRequest from None


def _add_headers(head: Head, lines: list[str]) -> None:
    """Read headers into a head; a line that begins with a space goes on."""
    joined: list[str] = []
    for line in lines:
        if line[0] in " \t":
            if not joined:
                raise BadRequest
            joined[-1] += " " + line.strip(" \t")
        else:
            joined.append(line)
    for line in joined:
        key, colon, value = line.partition(":")
        if not colon or not _KEY.match(key) or not _VALUE.match(value):
            raise BadRequest
        head.headers.setdefault(key.lower(), []).append(value.strip(" \t"))


def _check(head: Head) -> None:
    """Refuse what Go's server refuses, in its order and its words."""
    hosts = head.headers.get("host", [])
    if len(hosts) > 1:
        raise BadRequest
    _length(head)
    if head.version[0] != 1:
        status = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED
        raise BadRequest("unsupported protocol version", status)
    if not hosts and not head.old and head.method != "CONNECT":
        raise BadRequest("missing required Host header")
    if hosts and not _HOST.match(hosts[0]):
        raise BadRequest("malformed Host header")
    if not all(map(_TOKEN.match, head.headers)):
        raise BadRequest("invalid header name")


def _length(head: Head) -> int | None:
    """Return how long the body is; None if it comes in chunks."""
    coding = head.headers.get("transfer-encoding")
    if coding is not None and not head.old:
        if [one.lower() for one in coding] != ["chunked"]:
            status = HTTPStatus.NOT_IMPLEMENTED
            raise BadRequest(status=status, body="Unsupported transfer encoding")
        return None
    lengths = set(head.headers.get("content-length", ["0"]))
    length = lengths.pop()
    if lengths or not _LENGTH.match(length) or int(length[:20]) >= 2**63:
        raise BadRequest
    return int(length)
