"""Serving the pages until somebody ends it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import uvicorn

from chaos_mcp.errors import ChaosError
from chaos_mcp.ui.access import Access
from chaos_mcp.ui.app import app
from chaos_mcp.ui.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 2
"""Seconds that live views have to end once the server is told to."""


def serve(host: str, port: int, runs: Path, ready: Callable[[Access], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told once it can be reached.

    Raise `ChaosError` if the address cannot be had.
    """
    with _listening(host, port) as listening:
        access = Access(host, listening.getsockname()[1])
        config = uvicorn.Config(
            app(Listing(runs.resolve()), access),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
        ready(access)
        uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise ChaosError(f"cannot serve at {host}:{port}: {error.strerror}") from error
    return listening
