"""A small web site on loopback that notes what it is asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

VERBS = ("GET", "POST", "PUT", "DELETE")


@dataclass
class Site:
    """Where it is, and what it was asked."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.site.asked.append(
            {
                "method": self.command,
                "path": self.path,
                "body": self.rfile.read(length).decode(),
                "type": self.headers.get("Content-Type"),
                "mark": self.headers.get("X-Mark"),
            }
        )
        path = self.path.partition("?")[0]
        if path == "/slow":
            self.site.gate.wait(30)
        code = {"/moved": 302, "/broken": 503}.get(path, 200)
        kind, body = _CONTENT.get(path, ("text/plain; charset=utf-8", "hé"))
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("X-Twice", "a")
        self.send_header("X-Twice", "b")
        if code == 302:
            self.send_header("Location", "/json")
        content = body.encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


_CONTENT = {
    "/json": ("application/json", json.dumps({"a": [1]})),
    "/json-utf8": ("application/json; charset=utf-8", json.dumps({"a": [1]})),
    "/json-not": ("application/json", "not json"),
}


@contextmanager
def site() -> Iterator[Site]:
    """Run a site for a while."""
    found = Site()
    verbs = {f"do_{verb}": _Handler.answer for verb in VERBS}
    handler = type("Handler", (_Handler,), {"site": found, **verbs})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
