"""Bodies of requests as they come over the wire: of a length, or in chunks."""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus

from chaos_mcp.proxy.http import BadRequest, Body

LARGEST = 4 * 2**20
"""Bytes that a body may have: tens of thousands of proxies."""
LINE = 4096
"""Bytes that the line before a chunk may have, as in Go."""
_HEX = re.compile(rb"[0-9a-fA-F]+\Z")


class _Cut(Exception):
    """The rest of a body cannot be read; the message is Go's."""


async def exactly(reader: asyncio.StreamReader, length: int) -> Body:
    """Return a body of a length, or what came of it."""
    try:
        return Body(await reader.readexactly(_allowed(length)))
    except asyncio.IncompleteReadError as error:
        return _cut(error.partial, "unexpected EOF")


async def chunked(reader: asyncio.StreamReader) -> Body:
    """Return a body that comes in chunks, or what came of it."""
    body = bytearray()
    try:
        while size := await _size(reader):
            body += await _exactly(reader, _allowed(len(body) + size) - len(body))
            await _end_of_chunk(reader)
        while await _line(reader):  # trailers, up to an empty line
            pass
    except _Cut as cut:
        return _cut(bytes(body), str(cut))
    return Body(body)


async def _end_of_chunk(reader: asyncio.StreamReader) -> None:
    if await _exactly(reader, 2) != b"\r\n":
        raise _Cut("malformed chunked encoding")


async def _size(reader: asyncio.StreamReader) -> int:
    digits = (await _line(reader)).partition(b";")[0].strip()
    if not digits:
        raise _Cut("empty hex number for chunk length")
    if not _HEX.match(digits):
        raise _Cut("invalid byte in chunk length")
    if len(digits) > len(f"{2**64 - 1:x}"):
        raise _Cut("http chunk length too large")
    return int(digits, 16)


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Return a line, which is short, and says so early if it is not."""
    line = bytearray()
    while not line.endswith(b"\n"):
        if len(line) >= LINE:
            raise _Cut("header line too long")
        line += await _exactly(reader, 1)
    if not line.endswith(b"\r\n"):
        raise _Cut("chunked line ends with bare LF")
    return bytes(line[:-2])


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError:
        raise _Cut("unexpected EOF") from None


def _cut(had: bytes, why: str) -> Body:
    body = Body(had)
    body.cut = why
    return body


def _allowed(size: int) -> int:
    if size > LARGEST:
        raise BadRequest(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return size
