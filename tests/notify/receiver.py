"""A receiver of notifications: a real server that writes down what it is sent."""

from __future__ import annotations

import hmac
import json
import threading
from base64 import b64decode, b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOON = 60.0


@dataclass(frozen=True)
class Got:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Says:
    """One answer; `never` is none at all."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    never: bool = False


@dataclass
class Receiver:
    """What arrived, in order, and what is answered to the next ones."""

    url: str
    answers: list[Says] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], Says] | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def next(self, got: Got) -> Says:
        self.got.append(got)
        if self.answer:
            return self.answer(got)
        return self.answers.pop(0) if self.answers else Says()


@contextmanager
def receiving(*answers: Says) -> Iterator[Receiver]:
    """Run a receiver for as long as the block does."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {k.lower(): v for k, v in self.headers.items()}
            body = self.rfile.read(length)
            says = here.next(Got(self.command, self.path, headers, body))
            if says.never:
                here.over.wait(SOON)
                self.close_connection = True
                return
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(says.body)))
            self.end_headers()
            self.wfile.write(says.body)

        do_POST = do_GET = do_PATCH = _take  # noqa: N815 - as it has to be called

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    here = Receiver(f"http://127.0.0.1:{server.server_port}", [*answers])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield here
    finally:
        here.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def verified(got: Got, key: str) -> bool:
    """Tell whether a request is signed as Standard Webhooks has it."""
    said, now = got.headers["webhook-id"], got.headers["webhook-timestamp"]
    content = b".".join([said.encode(), now.encode(), got.body])
    secret = b64decode(key.split("_", 1)[1])
    signed = b64encode(hmac.digest(secret, content, "sha256")).decode()
    return f"v1,{signed}" in got.headers["webhook-signature"].split(" ")
