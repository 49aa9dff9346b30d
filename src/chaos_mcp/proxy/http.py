"""HTTP/1.1, as much of it as an API needs, with the bytes that Go's server writes."""

from __future__ import annotations

import asyncio
import os
import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus

LARGEST = 4 * 2**20
"""Bytes that a body may have: tens of thousands of proxies."""
HEAD = 2**20
"""Bytes that a head may have, as in Go."""
ALPHABET = "0123456789abcdefghijklmnopqrstuv"
DATE = "%a, %d %b %Y %H:%M:%S GMT"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TEXT = "text/plain; charset=utf-8"
_HEX = re.compile(rb"[0-9a-fA-F]{1,16}")
_LENGTH = re.compile(r"[0-9]{1,18}")


class BadRequest(Exception):
    """What came is no request; the connection ends with this status."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(f"{status.value} {status.phrase}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, read to its end."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered; `routed` ones carry an id."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    routed: bool = True


async def read(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    """Return the next request; None if there is none any more.

    Raise `BadRequest` for what is not HTTP or too much.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from None
    except asyncio.IncompleteReadError:
        return None
    (method, path, version), headers = _parsed(head)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(CONTINUE)
    body = await _body(reader, headers)
    wish = headers.get("connection", "").lower()
    keep = wish == "keep-alive" if version == "HTTP/1.0" else wish != "close"
    return Request(method, path, headers, body, keep)


def _parsed(head: bytes) -> tuple[list[str], dict[str, str]]:
    """Return the three words of the first line, and the headers in small letters."""
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    words = first.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):  # noqa: PLR2004
        raise BadRequest(HTTPStatus.BAD_REQUEST)
    headers = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if not colon or not key or key.strip() != key:
            raise BadRequest(HTTPStatus.BAD_REQUEST)
        headers[key.lower()] = value.strip()
    return words, headers


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _chunked(reader)
    length = headers.get("content-length", "0")
    if not _LENGTH.fullmatch(length):
        raise BadRequest(HTTPStatus.BAD_REQUEST)
    return await reader.readexactly(_allowed(int(length)))


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := await _chunk_size(reader):
        body += await reader.readexactly(_allowed(len(body) + size) - len(body))
        if await reader.readexactly(2) != b"\r\n":
            raise BadRequest(HTTPStatus.BAD_REQUEST)
    while await _line(reader):  # trailers, up to an empty line
        pass
    return bytes(body)


async def _chunk_size(reader: asyncio.StreamReader) -> int:
    digits = (await _line(reader)).partition(b";")[0].strip()
    if not _HEX.fullmatch(digits):
        raise BadRequest(HTTPStatus.BAD_REQUEST)
    return int(digits, 16)


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return (await reader.readuntil(b"\r\n"))[:-2]
    except asyncio.LimitOverrunError:
        raise BadRequest(HTTPStatus.BAD_REQUEST) from None


def _allowed(size: int) -> int:
    if size > LARGEST:
        raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return size


def refused(refusal: BadRequest) -> bytes:
    """Return the last answer on a connection that talks no sense."""
    headers = {"Content-Type": TEXT, "Connection": "close"}
    said = str(refusal).encode()
    return _head(refusal.status, headers) + said


def written(response: Response, request: Request) -> bytes:
    """Return the bytes of an answer; one to HEAD has no body."""
    status = HTTPStatus(response.status)
    headers = dict(response.headers)
    if response.routed:
        headers["X-Toxiproxy-Request-Id"] = identity()
    headers["Date"] = time.strftime(DATE, time.gmtime())
    if response.body or (status != HTTPStatus.NO_CONTENT and request.method != "HEAD"):
        headers["Content-Length"] = str(len(response.body))
    if not request.keep:
        headers["Connection"] = "close"
    head = _head(status, headers)
    return head if request.method == "HEAD" else head + response.body


def _head(status: HTTPStatus, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("utf-8")


def identity() -> str:
    """Return twenty characters that no other request has (as xid's are)."""
    value = int.from_bytes(int(time.time()).to_bytes(4, "big") + os.urandom(9), "big")
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(99, 0, -5))
