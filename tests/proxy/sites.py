"""A site over HTTP/1.1 behind a proxy, and a client of it."""

import contextlib
import http.client
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.proxy.running import PATIENCE, Proxied
from tests.proxy.upstreams import upstream

BODY = b"The quick brown fox jumps over the lazy dog.\n" * 20


@dataclass
class Site:
    """Where it is, and which requests it has had."""

    address: str = ""
    asked: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers each request with its body, or with some text."""

    protocol_version = "HTTP/1.1"
    site: Site

    def _serve(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size) or BODY
        self.site.asked.append(f"{self.command} {self.path}")
        if self.headers.get("Upgrade"):
            self._switch()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("X-Kept", "as it is")
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _switch(self) -> None:
        """Speak another protocol from now on: say everything back."""
        self.send_response(101)
        self.send_header("Upgrade", "echo")
        self.end_headers()
        while data := self.connection.recv(1000):
            self.wfile.write(data)
        self.close_connection = True

    do_GET = do_POST = do_HEAD = do_PUT = _serve  # noqa: N815 - the library's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """Run a site."""
    made = Site()
    handler = type("ThisHandler", (Handler,), {"site": made})

    def serve(client: socket.socket) -> None:
        handler(client, ("", 0), None)
        client.shutdown(socket.SHUT_WR)

    with upstream(serve) as running:
        made.address = running.address
        yield made


@dataclass
class Answer:
    """What a client got."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextlib.contextmanager
def browsing(proxy: Proxied) -> Iterator[http.client.HTTPConnection]:
    """Give one connection of a client, which stays open from request to request."""
    host, port = proxy.address
    client = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    with contextlib.closing(client):
        yield client


def ask(
    client: http.client.HTTPConnection,
    path: str,
    method: str = "GET",
    body: bytes = b"",
) -> Answer:
    """Send a request and return the whole answer."""
    client.request(method, path, body or None)
    answer = client.getresponse()
    return Answer(answer.status, dict(answer.getheaders()), answer.read())


def fetch(proxy: Proxied, path: str, method: str = "GET", body: bytes = b"") -> Answer:
    """Send a request over a connection of its own."""
    with browsing(proxy) as client:
        return ask(client, path, method, body)


def spoil(proxy: Proxied, more: Any = None, **attributes: Any) -> str:
    """Add an `http` toxic; return its name."""
    return proxy.add("http", more={**(more or {}), "attributes": attributes})
