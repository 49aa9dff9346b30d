"""The API as a server; the data path is beside it, on the same loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from chaos_mcp.proxy import http, reading
from chaos_mcp.proxy.names import known
from chaos_mcp.proxy.routes import respond

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chaos_mcp.proxy.collection import Collection
    from chaos_mcp.proxy.http import Request, Response

IDLE = 60.0
"""Seconds for which a connection may be idle between two requests, as in Go."""
READING = 15.0
"""Seconds that a request may take to come; a client's first one from the start on."""
WRITING = 30.0
"""Seconds that an answer may take to go."""
ENDING = 5.0
PARTING = 0.5
"""Seconds for which a client that talks no sense is still listened to, as in Go."""


class Api:
    """Serves the API; an idle or stuck client costs a connection and no more."""

    def __init__(
        self,
        collection: Collection,
        respond: Callable[[Request], Awaitable[Response]] | None = None,
    ) -> None:
        self.collection = collection
        self._respond = respond or self._alone
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> str:
        """Listen and return the address; raise OSError if it cannot be had."""
        self._server = await asyncio.start_server(
            self._client, host, port, limit=reading.HEAD
        )
        name = self._server.sockets[0].getsockname()
        where = f"[{name[0]}]" if ":" in name[0] else name[0]
        return f"http://{where}:{name[1]}"

    async def stop(self) -> None:
        """Serve no more, and give all ports back."""
        if self._server:
            self._server.close()
        self.collection.stop()
        for task in list(self._clients):
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _alone(self, request: Request) -> Response:
        return await known(lambda: respond(self.collection, request))

    async def _client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this is one
        self._clients.add(task)
        try:
            begun = b""
            while await self._exchange(begun, reader, writer):
                async with asyncio.timeout(IDLE):
                    begun = await reader.read(1)
        except (TimeoutError, asyncio.CancelledError):
            writer.transport.abort()  # whatever it has not read is lost
        except (OSError, EOFError):
            pass
        finally:
            self._clients.discard(task)
            writer.close()

    async def _exchange(
        self, begun: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; tell whether another may follow."""
        try:
            async with asyncio.timeout(READING):
                request = await reading.read(begun, reader, writer)
        except http.BadRequest as refusal:
            writer.write(http.refused(refusal))
            await _part(reader, writer)
            return False
        if request is None:
            return False
        async with asyncio.timeout(WRITING):
            response = await self._respond(request)
            writer.write(http.written(response, request))
            await writer.drain()
        return request.keep


async def _part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Let the client read the refusal: a close over unread data would be a reset."""
    await writer.drain()
    writer.write_eof()
    with suppress(TimeoutError):
        async with asyncio.timeout(PARTING):
            while await reader.read(reading.HEAD):
                pass


async def serve_until(stopped: asyncio.Event, api: Api) -> None:
    """Wait for the end, then give everything back."""
    try:
        await stopped.wait()
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDING):
                await api.stop()
