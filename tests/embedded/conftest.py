"""A real server process, and an upstream behind it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.echo import Client, echo_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Api:
    """Speaks to the server as any HTTP client does."""

    url: str

    def raw(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, 10)
        try:
            data = None if body is None else body.encode()
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body)
        status, _, answer = self.raw(method, path, sent)
        try:
            return status, json.loads(answer)
        except ValueError:
            return status, answer.decode()


def start(*options: str) -> tuple[subprocess.Popen[bytes], Api]:
    """Start a server on a free port."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "chaos_mcp.proxy", "--port", "0"),
            *("--announce", "--exit-with-parent", *options),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    return process, Api(ready["url"])


def end(process: subprocess.Popen[bytes]) -> int:
    """Let go of the server and return its exit code."""
    process.communicate(timeout=10)
    return process.returncode


@pytest.fixture(scope="session")
def server() -> Iterator[Api]:
    process, api = start("--seed", "7")
    yield api
    assert end(process) == 0


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    with echo_server() as address:
        yield address


@pytest.fixture
def api(server: Api) -> Iterator[Api]:
    """Give the server without proxies, before and after."""
    yield server
    for name in server("GET", "/proxies")[1]:
        server("DELETE", f"/proxies/{name}")


@pytest.fixture
def proxied(api: Api, upstream: str) -> str:
    """Make the proxy `p` and return where it listens."""
    body = {"name": "p", "upstream": upstream, "listen": "127.0.0.1:0"}
    status, made = api("POST", "/proxies", body)
    assert status == 201, made
    return str(made["listen"])


@pytest.fixture
def connect(proxied: str) -> Iterator[Callable[[], Client]]:
    made: list[Client] = []

    def connect() -> Client:
        made.append(Client(proxied))
        return made[-1]

    yield connect
    for one in made:
        one.close()
