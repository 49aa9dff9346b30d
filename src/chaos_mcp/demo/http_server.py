"""The HTTP server under the shop: uvicorn, which here stops within a moment."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.applications import Starlette

from chaos_mcp.demo.lifetime import STOP


def serve(
    app: Starlette, listener: socket.socket, on_ready: Callable[[], None]
) -> None:
    """Serve `app` on `listener` until told to stop; answer what was begun."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        # Longer than any pause between requests of a load generator: a pooled
        # connection closed at the moment it is used again would be our failure.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    asyncio.run(_Server(config, on_ready).serve(sockets=[listener]))


class _Server(uvicorn.Server):
    """uvicorn with exit code 0 on a signal, which it sees at once."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._stop = asyncio.Event()

    async def main_loop(self) -> None:
        """Serve until a signal comes."""
        self._on_ready()
        await self._stop.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on signals; do not raise them again afterwards as uvicorn does."""
        loop = asyncio.get_running_loop()
        for number in STOP:
            loop.add_signal_handler(number, self._stop.set)
        yield
