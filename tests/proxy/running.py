"""Start the real proxy server, and speak to its API without any client library."""

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

from chaos_mcp.adapters.embedded import EmbeddedProxies, attach
from chaos_mcp.machine.identity import identity_of

T = TypeVar("T")
Process: TypeAlias = subprocess.Popen[bytes]
PROGRAM = ["-m", "chaos_mcp.proxy"]
PATIENCE = 10.0
"""Seconds within which everything here must have happened."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Server:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; a body that is not bytes is sent as JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        ) as connection:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def proxy(self, upstream: str, name: str = "p", **more: Any) -> "Proxied":
        """Make a proxy on a free port."""
        body = {"name": name, "upstream": upstream, "listen": "127.0.0.1:0", **more}
        answer = self.call("POST", "/proxies", body)
        assert answer.status == 201, answer
        return Proxied(self, name, answer.json["listen"])

    def empty(self) -> None:
        """Remove all proxies."""
        for name in self.call("GET", "/proxies").json:
            path = f"/proxies/{quote(name, safe='')}"
            assert self.call("DELETE", path).status == 204

    def end(self) -> int:
        """Send SIGTERM; return the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    @asynccontextmanager
    async def attached(self) -> AsyncIterator[EmbeddedProxies]:
        """Speak to it as a run does that has started it."""
        async with attach(self.url, identity_of(self.process.pid)) as proxies:
            yield proxies


@dataclass(frozen=True, slots=True)
class Proxied:
    """A proxy of a server."""

    server: Server
    name: str
    listen: str

    @property
    def path(self) -> str:
        return f"/proxies/{quote(self.name, safe='')}"

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host, int(port)

    def connect(self) -> socket.socket:
        """Return a client's socket, connected to the proxy."""
        client = socket.create_connection(self.address, timeout=PATIENCE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def add(
        self, kind: str, stream: str = "downstream", *, more: Any = None, **of: int
    ) -> str:
        """Add a toxic with these attributes; return its name."""
        body = {"type": kind, "stream": stream, "attributes": of, **(more or {})}
        answer = self.server.call("POST", f"{self.path}/toxics", body)
        assert answer.status == 200, answer
        return str(answer.json["name"])

    def update(self, toxic: str, **of: int) -> None:
        """Change attributes of a toxic."""
        body = {"attributes": of}
        answer = self.server.call("PATCH", f"{self.path}/toxics/{toxic}", body)
        assert answer.status == 200, answer

    def remove(self, toxic: str) -> None:
        """Remove a toxic."""
        answer = self.server.call("DELETE", f"{self.path}/toxics/{toxic}")
        assert answer.status == 204, answer

    def effects(self, toxic: str) -> dict[str, Any]:
        """Return what a toxic has done."""
        answer = self.server.call("GET", f"{self.path}/toxics/{toxic}/effects")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.json
        return found

    def toxics(self) -> list[Any]:
        """Return the toxics, as the API gives them."""
        found: list[Any] = self.server.call("GET", f"{self.path}/toxics").json
        return found

    def stats(self) -> Any:
        """Return connections and bytes."""
        return self.server.call("GET", f"{self.path}/stats").json


def start(*arguments: str, program: Sequence[str] = PROGRAM) -> Process:
    """Start the server; the caller sees to its end."""
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@contextlib.contextmanager
def running(*arguments: str, program: Sequence[str] = PROGRAM) -> Iterator[Server]:
    """Run a server on a free port for as long as the block runs."""
    options = ["--port", "0", "--announce", "--exit-with-parent"]
    with start(*options, *arguments, program=program) as process:
        try:
            assert process.stdout is not None
            yield Server(process, json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def until(look: Callable[[], T]) -> T:
    """Look until something true is seen, and return it."""
    end = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < end, f"still {seen!r}"
        time.sleep(0.005)
    return seen


def settled(look: Callable[[], T]) -> T:
    """Look until the same is seen ten times in a row, and return it."""
    seen, times = look(), 0

    def same() -> bool:
        nonlocal seen, times
        before, seen = seen, look()
        times = times + 1 if before == seen else 0
        return times > 10

    until(same)
    return seen
