"""One request and its answer, with what differs from run to run left out."""

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.proxy.running import PATIENCE, Server

PORT = re.compile(r"(127\.0\.0\.1|\[::1?\]|(?<![\w.:\]]))(:)(\d{4,5})\b")
VARYING = {"Date", "X-Toxiproxy-Request-Id"}
ANY_PORT = range(1024, 65536)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to each server."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as a person would write it."""
        body = (self.body or b"").decode("utf-8", "backslashreplace")
        headers = "".join(f" {key}: {value}" for key, value in self.headers.items())
        return f"{self.method} {self.path}{headers} {body}".strip()


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer, normalised: two servers that do the same are seen the same."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    identified: bool = False
    """Whether it carries the id of a request."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def as_json(self) -> dict[str, Any]:
        """Return it to be written down."""
        return {
            "status": self.status,
            "headers": dict(self.headers),
            "id": self.identified,
            "body": self.body,
        }


def seen_from(written: Mapping[str, Any]) -> Seen:
    """Return an answer that was written down."""
    headers = tuple(sorted(written["headers"].items()))
    return Seen(written["status"], headers, written["body"], written["id"])


class Speaker:
    """Speaks to one server on one connection, and calls its ports by order."""

    def __init__(self, server: Server, ports: Mapping[str, int] | None = None) -> None:
        self.server = server
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", server.port, timeout=PATIENCE
        )
        self._given = dict(ports or {})
        self._names = {str(port): name for name, port in self._given.items()}

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def ask(self, request: Request) -> Seen:
        """Send a request, its `{names}` made ports; return the answer."""
        headers = {"User-Agent": "test", **request.headers}
        path = self._filled(request.path.encode()).decode()
        body = None if request.body is None else self._filled(request.body)
        self._connection.request(request.method, path, body, headers)
        answer = self._connection.getresponse()
        return self._seen(answer, answer.read())

    def _filled(self, text: bytes) -> bytes:
        for name, port in self._given.items():
            text = text.replace(b"{%s}" % name.encode(), str(port).encode())
        return text

    def _seen(self, answer: http.client.HTTPResponse, body: bytes) -> Seen:
        headers = dict(answer.getheaders())
        length = headers.pop("Content-Length", None)
        assert length is None or int(length) == len(body) or not body
        kept = {key: value for key, value in headers.items() if key not in VARYING}
        kept |= {"Content-Length": "right"} if length is not None else {}
        return Seen(
            answer.status,
            tuple(sorted(kept.items())),
            self._named(body.decode("utf-8", "backslashreplace")),
            "X-Toxiproxy-Request-Id" in headers,
        )

    def _named(self, text: str) -> str:
        """Return a text with a name for each port: the first, the second."""
        for called, port in self._given.items():
            text = re.sub(rf"\b{port}\b", f"{{{called}}}", text)

        def name(found: re.Match[str]) -> str:
            port = found[3]
            if int(port) not in ANY_PORT:
                return found[0]
            called = self._names.setdefault(port, f"port{len(self._names) + 1}")
            return f"{found[1]}{found[2]}{{{called}}}"

        return PORT.sub(name, text)


@contextmanager
def speaking(
    server: Server, ports: Mapping[str, int] | None = None
) -> Iterator[Speaker]:
    """Speak to a server for as long as the block runs."""
    speaker = Speaker(server, ports)
    try:
        yield speaker
    finally:
        speaker.close()
