"""The real Toxiproxy, where it can be had, started as ours is."""

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom

import pytest

from tests.proxy.parts import SERVER, NotToBeHad, Part
from tests.proxy.running import PATIENCE, Server, until

RARE = (15_000, 30_000)
"""Ports that systems do not give away by themselves."""
TRIES = 3
"""The port that it is given may be taken by somebody else before it takes it."""


def part(wanted: Part) -> Path:
    """Return a part that others have made; skip where it cannot be had."""
    try:
        return wanted.had()
    except NotToBeHad as error:
        pytest.skip(str(error))


def free_port() -> int:
    """Return a port that nobody listens on, and that nobody is given by chance."""
    while True:
        port = SystemRandom().randrange(*RARE)
        with suppress(OSError), socket.create_server(("", port)):
            return port


@contextmanager
def running_original(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run the real Toxiproxy on a free port for as long as the block runs."""
    program = part(SERVER)
    for _ in range(TRIES):
        port = free_port()
        server = Server(
            subprocess.Popen(
                [program, "-host", "127.0.0.1", "-port", str(port), *arguments],
                env={**os.environ, "LOG_LEVEL": "fatal", **(environment or {})},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ),
            {"url": f"http://127.0.0.1:{port}"},
        )
        try:
            if _came_up(server):
                yield server
                return
        finally:
            server.process.terminate()
            server.process.wait(PATIENCE)
    pytest.fail("the real Toxiproxy did not come up")


def _came_up(server: Server) -> bool:
    """Wait until it answers, or has ended."""
    until(lambda: _answers(server) or server.process.poll() is not None)
    return server.process.poll() is None


def _answers(server: Server) -> bool:
    with suppress(OSError):
        return server.call("GET", "/version").status == 200
    return False
