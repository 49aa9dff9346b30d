"""The proxies that are compared: ours, a real Toxiproxy where there is one, or none."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.proxying.load import Ports

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MODULE = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0"
READY = 10.0
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Server:
    """A proxy server that runs, with a proxy before each part of the upstream."""

    name: str
    pid: int
    port: int
    ports: Ports = field(default_factory=lambda: Ports(0, 0, 0))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API; raise for what it refuses."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, json.dumps(body) if body else None)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise SystemExit(f"{self.name}: {method} {path}: {said!r}")
        return json.loads(said) if said else None

    def proxy(self, name: str, port: int) -> int:
        """Make a proxy before a port, and return its own."""
        body = {
            "name": name,
            "listen": "127.0.0.1:0",
            "upstream": f"127.0.0.1:{port}",
        }
        made = self.call("POST", "/proxies", body)
        return int(made["listen"].rpartition(":")[2])

    @contextmanager
    def toxic(self, proxy: str, kind: str, **attributes: int) -> Iterator[None]:
        """Have a toxic downstream for as long as the block runs."""
        body = {"type": kind, "name": "it", "attributes": attributes}
        self.call("POST", f"/proxies/{proxy}/toxics", body)
        yield
        self.call("DELETE", f"/proxies/{proxy}/toxics/it")

    def seconds(self) -> float:
        """Return the processor's time that it has taken, with all its workers."""
        return sum(_times(pid) for pid in self._family())

    def mebibytes(self) -> float:
        """Return the memory that it has, with all its workers."""
        return sum(_resident(pid) for pid in self._family())

    def _family(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text("ascii")
        return [self.pid, *map(int, children.split())]


def _times(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def toxiproxy(cache: Path) -> str | None:
    """Return the original's program: named, on PATH, or made by Go; None without."""
    named = os.environ.get("CHAOS_TOXIPROXY_SERVER")
    if found := named or shutil.which("toxiproxy-server"):
        return found
    made = cache / "server"
    if not made.exists() and (go := shutil.which("go")):
        environment = {**os.environ, "GOBIN": str(cache)}
        with suppress(subprocess.CalledProcessError):
            subprocess.run([go, "install", MODULE], env=environment, check=True)
    return str(made) if made.exists() else None


@contextmanager
def running(name: str, program: str | None, workers: int = 0) -> Iterator[Server]:
    """Run a server: ours if no program is given."""
    port = _free()
    ours = [sys.executable, "-m", "chaos_mcp.proxy"]
    command = [program] if program else ours
    command += [f"{'-' if program else '--'}port", str(port)]
    if workers:
        command += ["--workers", str(workers)]
    with _silent(command) as process:
        try:
            server = Server(name, process.pid, port)
            _wait(server, process)
            yield server
        finally:
            process.terminate()


def _silent(command: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "LOG_LEVEL": "error"}
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=nowhere, stderr=nowhere)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError):
            return server.call("GET", "/proxies")
        time.sleep(0.01)
    raise SystemExit(f"{server.name} does not start")


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
