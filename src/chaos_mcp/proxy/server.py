"""The API over HTTP/1.1, with Toxiproxy's bytes; the data path is beside it."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING

from chaos_mcp.proxy.routes import Request, Response, respond

if TYPE_CHECKING:
    from chaos_mcp.proxy.collection import Collection

LARGEST = 8 * 2**20
"""Bytes that a body may have."""
PATIENCE = 60.0
"""Seconds that a connection may be idle."""
ALPHABET = "0123456789abcdefghijklmnopqrstuv"


class Api:
    """Serves the API; an idle or stuck client costs a connection and no more."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> str:
        """Listen and return the address; raise OSError if it cannot be had."""
        self._server = await asyncio.start_server(self._client, host, port)
        name = self._server.sockets[0].getsockname()
        where = f"[{name[0]}]" if ":" in name[0] else name[0]
        return f"http://{where}:{name[1]}"

    async def stop(self) -> None:
        """Serve no more, and give all ports back."""
        if self._server:
            self._server.close()
        for task in list(self._clients):
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self.collection.stop()

    async def _client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this is one
        self._clients.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            self._clients.discard(task)
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; tell whether another may follow."""
        async with asyncio.timeout(PATIENCE):
            request = await _read(reader)
        if request is None:
            writer.write(_bytes(Response(400, b"", routed=False), keep=False))
            await writer.drain()
            return False
        keep = request.headers.get("connection", "").lower() != "close"
        response = respond(self.collection, request)
        writer.write(_bytes(response, keep=keep, head=request.method == "HEAD"))
        async with asyncio.timeout(PATIENCE):
            await writer.drain()
        return keep


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request; None if it cannot be understood."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004
        return None
    headers = {}
    for line in lines:
        key, _, value = line.partition(":")
        headers[key.strip().lower()] = value.strip()
    body = await _body(reader, headers)
    return None if body is None else Request(words[0], words[1], headers, body)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes | None:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _chunked(reader)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST:
        return None
    return await reader.readexactly(int(length))


async def _chunked(reader: asyncio.StreamReader) -> bytes | None:
    body = b""
    while True:
        size = int((await reader.readline()).partition(b";")[0], 16)
        if size < 0 or len(body) + size > LARGEST:
            return None
        body += await reader.readexactly(size)
        await reader.readline()
        if size == 0:
            return body


def _bytes(response: Response, *, keep: bool, head: bool = False) -> bytes:
    status = HTTPStatus(response.status)
    headers = dict(response.headers)
    if response.routed:
        headers["X-Toxiproxy-Request-Id"] = _identity()
    headers["Date"] = formatdate(usegmt=True)
    if response.status != HTTPStatus.NO_CONTENT:
        headers["Content-Length"] = str(len(response.body))
    if not keep:
        headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    text = "\r\n".join([*lines, "", ""]).encode("utf-8")
    return text if head else text + response.body


def _identity() -> str:
    """Return twenty characters that no other request has (as xid's are)."""
    value = (int(time.time()) << 68) | secrets.randbits(68)
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(95, -1, -5))


async def serve_until(stopped: asyncio.Event, api: Api) -> None:
    """Wait for the end, then give everything back."""
    try:
        await stopped.wait()
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await api.stop()
