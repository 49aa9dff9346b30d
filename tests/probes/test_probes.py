"""Each probe asks a real thing, and says *unknown* when it could not."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
import psutil
import pytest

from chaos_mcp.adapters.embedded import start_embedded
from chaos_mcp.adapters.world import World
from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes.disk_free import DiskFree
from chaos_mcp.probes.host_cpu import HostCpu
from chaos_mcp.probes.host_memory import HostMemory
from chaos_mcp.probes.http import LARGEST, Http
from chaos_mcp.probes.process import Process
from chaos_mcp.probes.proxy_state import ProxyStateProbe
from chaos_mcp.probes.tcp import Tcp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio
WORLD = World()


class Site(BaseHTTPRequestHandler):
    """Answers by path."""

    answers: ClassVar = {
        "/json": (200, "application/json", b'{"stock": [1, 2]}'),
        "/broken": (200, "application/json", b"{"),
        "/sad": (503, "text/plain", b"no"),
        "/odd": (200, "text/plain; charset=klingon", b"Qapla\xff"),
        "/big": (200, "text/plain", b"x" * (LARGEST + 5000)),
    }

    def do_GET(self) -> None:
        self.reply(*self.answers[self.path])

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        said = {"body": self.rfile.read(size).decode(), "x": self.headers.get("X-It")}
        self.reply(201, "application/json", json.dumps(said).encode())

    def reply(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with site() as url:
        yield url


async def test_http_gives_status_headers_body_json_and_latency(url: str) -> None:
    answer = await Http(url=f"{url}/json").ask(WORLD)

    assert answer["status"] == 200
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["json"] == {"stock": [1, 2]}
    assert 0 < answer["latency"] < 5


async def test_http_sends_what_it_is_given(url: str) -> None:
    probe = Http(url=url, method="POST", headers={"X-It": "1"}, json_={"a": 1})

    answer = await probe.ask(WORLD)

    assert answer["status"] == 201
    assert json.loads(answer["json"]["body"]) == {"a": 1}
    assert answer["json"]["x"] == "1"


async def test_http_sends_a_body_as_it_is(url: str) -> None:
    answer = await Http(url=url, method="POST", body="plain").ask(WORLD)

    assert answer["json"]["body"] == "plain"


async def test_an_error_status_is_an_answer(url: str) -> None:
    assert (await Http(url=f"{url}/sad").ask(WORLD))["status"] == 503


async def test_json_that_is_none_stays_text(url: str) -> None:
    answer = await Http(url=f"{url}/broken").ask(WORLD)

    assert "json" not in answer
    assert answer["body"] == "{"


async def test_an_encoding_that_nobody_knows_is_read_all_the_same(url: str) -> None:
    assert (await Http(url=f"{url}/odd").ask(WORLD))["body"] == "Qapla\ufffd"


async def test_an_endless_body_is_cut(url: str) -> None:
    assert len((await Http(url=f"{url}/big").ask(WORLD))["body"]) == LARGEST


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "nonsense", "http://no.invalid/"]
)
async def test_no_answer_is_unknown(url: str) -> None:
    with pytest.raises(ActivityFailed):
        await Http(url=url).ask(WORLD)


def test_two_bodies_are_refused() -> None:
    with pytest.raises(ValueError, match="either `json` or `body`"):
        Http(url="http://x", json_=1, body="2")


async def test_tcp_tells_an_open_port_from_a_closed_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        opened = await Tcp(address=address).ask(WORLD)
    closed = await Tcp(address=address).ask(WORLD)

    assert (opened["connected"], closed["connected"]) == (True, False)


async def test_a_host_that_is_not_there_is_unknown() -> None:
    with pytest.raises(ActivityFailed):
        await Tcp(address="no.such.host.invalid:80").ask(WORLD)


async def test_a_process_gives_its_exit_code_and_output() -> None:
    script = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"

    answer = await Process(command=(sys.executable, "-c", script)).ask(WORLD)

    assert answer == {"exit_code": 3, "stdout": "out\n", "stderr": "err\n"}


async def test_a_process_sees_what_is_added_to_the_environment() -> None:
    probe = Process(command=("sh", "-c", "echo $IT"), env={"IT": "there"})

    assert (await probe.ask(WORLD))["stdout"] == "there\n"


async def test_a_program_that_is_not_there_is_unknown() -> None:
    with pytest.raises(ActivityFailed, match="no-such-program"):
        await Process(command=("no-such-program",)).ask(WORLD)


async def test_a_process_that_takes_too_long_leaves_nothing(tmp_path: Path) -> None:
    mark = str(tmp_path / "sleeper")
    script = f"exec -a {mark} sleep 60 & exec -a {mark} sleep 60"

    with anyio.move_on_after(0.5):
        await Process(command=("bash", "-c", script)).ask(WORLD)

    left = [
        p for p in psutil.process_iter(["cmdline"]) if mark in str(p.info["cmdline"])
    ]
    alive = [p for p in left if p.status() != psutil.STATUS_ZOMBIE]
    assert alive == []


async def test_free_room_is_what_the_system_says(tmp_path: Path) -> None:
    free = await DiskFree(path=str(tmp_path)).ask(WORLD)

    assert free == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.05)


async def test_a_path_that_is_not_there_is_unknown() -> None:
    with pytest.raises(ActivityFailed, match="No such file"):
        await DiskFree(path="/no/such/path").ask(WORLD)


async def test_the_cpu_is_busy_between_nothing_and_all() -> None:
    busy = await HostCpu(over="200ms").ask(WORLD)

    assert 0 <= busy <= 1


async def test_memory_is_what_psutil_says() -> None:
    answer = await HostMemory().ask(WORLD)

    assert answer["total"] == psutil.virtual_memory().total
    assert 0 < answer["used"] < 1


async def test_the_state_of_a_proxy_is_what_its_server_says() -> None:
    async with start_embedded() as proxies:
        world = World(proxies=proxies)
        await proxies.create("cache", "127.0.0.1:1", "127.0.0.1:0")

        answer = await ProxyStateProbe(proxy="cache").ask(world)
        with pytest.raises(ActivityFailed, match="no proxy 'other'"):
            await ProxyStateProbe(proxy="other").ask(world)

    assert answer["enabled"] is True
    assert answer["upstream"] == "127.0.0.1:1"
    assert answer["toxics"] == []


async def test_without_a_server_a_proxy_is_unknown() -> None:
    with pytest.raises(ActivityFailed, match="no proxy server"):
        await ProxyStateProbe(proxy="cache").ask(WORLD)
