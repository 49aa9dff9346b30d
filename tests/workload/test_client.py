"""What goes over the wire, and what is made of what comes back."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSListener

from chaos_mcp.experiment.model import Request
from chaos_mcp.workload import wire
from chaos_mcp.workload.client import Client
from chaos_mcp.workload.http import open_mix

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from anyio.abc import ByteStream

    from chaos_mcp.workload.http import Mix

pytestmark = pytest.mark.anyio
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SOON = 30.0
BIG = "x" * 10_000_000


@dataclass
class Site:
    """A server that does as it is told; it remembers what it was asked."""

    answers: list[bytes]
    """One a request; the last is for all that follow. Empty: hang up."""
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most: int = 0
    """Connections that were open at the same time."""
    waits: Callable[[], Awaitable[Any]] = anyio.lowlevel.checkpoint
    """Before each answer."""
    reads: Callable[[ByteStream], Awaitable[bytes]] | None = None

    async def serve(self, stream: ByteStream) -> None:
        self.connections += 1
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            async with stream:
                with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                    while await self._answer(stream):
                        pass
        finally:
            self.open -= 1

    async def _answer(self, stream: ByteStream) -> bool:
        data = b""
        while b"\r\n\r\n" not in data:
            data += await stream.receive()
        self.asked.append(data)
        await self.waits()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await stream.send(answer.removesuffix(b"HANG UP"))
        return not answer.endswith(b"HANG UP")

    async def was_asked(self) -> None:
        """Wait for the first request."""
        with anyio.fail_after(SOON):
            while not self.asked:  # noqa: ASYNC110 - a server tells nobody
                await anyio.sleep(0.005)

    async def closed(self) -> None:
        """Wait until no connection is open."""
        with anyio.fail_after(SOON):
            while self.open:  # noqa: ASYNC110 - a server tells nobody
                await anyio.sleep(0.005)


@asynccontextmanager
async def site(
    *answers: bytes, tls: ssl.SSLContext | None = None, **changes: Any
) -> AsyncIterator[Site]:
    made = Site([*answers], **changes)
    tcp = await anyio.create_tcp_listener(local_host="127.0.0.1")
    made.port = tcp.extra(SocketAttribute.local_port)  # noqa: S610 - no Django
    listener: Any = TLSListener(tcp, tls) if tls else tcp
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, made.serve)
        with anyio.fail_after(SOON):
            yield made
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def asking(
    port: int, scheme: str = "http", size: int = 4, **request: Any
) -> AsyncIterator[Mix]:
    url = request.pop("url", f"{scheme}://127.0.0.1:{port}/")
    async with open_mix([Request(url=url, **request)], size, 1) as mix:
        yield mix


async def test_a_connection_is_used_again() -> None:
    async with site(FINE) as server, asking(server.port) as mix:
        said = [await mix.send() for _ in range(5)]

    assert said == ["ok"] * 5
    assert server.connections == 1


async def test_one_that_was_closed_meanwhile_is_not() -> None:
    async with site(FINE + b"HANG UP") as server, asking(server.port) as mix:
        said = []
        for _ in range(3):
            said.append(await mix.send())
            await server.closed()

    assert said == ["ok"] * 3
    assert server.connections == 3


async def test_nor_one_that_was_idle_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "IDLE", 0.0)

    async with site(FINE) as server, asking(server.port) as mix:
        said = [await mix.send() for _ in range(3)]

    assert said == ["ok"] * 3
    assert server.connections == 3


async def test_nor_one_that_the_server_means_to_close() -> None:
    last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    async with site(last) as server, asking(server.port) as mix:
        said = [await mix.send() for _ in range(3)]

    assert said == ["ok"] * 3
    assert server.connections == 3


async def test_an_answer_that_comes_too_late_is_nobody_elses() -> None:
    released = anyio.Event()
    late = b"HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n"

    async with (
        site(late, FINE, waits=released.wait) as server,
        asking(server.port) as mix,
    ):
        async with anyio.create_task_group() as first:
            first.start_soon(mix.send)
            await server.was_asked()
            first.cancel_scope.cancel()
        released.set()
        await server.closed()
        said = await mix.send()

    assert said == "ok"
    assert server.connections == 2


async def test_there_are_so_many_connections_at_most() -> None:
    async with (
        site(FINE, waits=lambda: anyio.sleep(0.02)) as server,
        asking(server.port, size=2) as mix,
        anyio.create_task_group() as tasks,
    ):
        for _ in range(10):
            tasks.start_soon(mix.send)

    assert len(server.asked) == 10
    assert server.most == 2


async def test_servers_share_them() -> None:
    async with site(FINE) as one, site(FINE) as two:
        requests = [Request(url=f"http://127.0.0.1:{at.port}/") for at in (one, two)]
        client = Client.of(requests, 1)
        for request in requests * 10:
            assert await client.ask(request) == 200
            assert len(client.pool.idle) == 1
        await client.pool.close()

    assert one.connections == two.connections == 10


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "ok"),
        (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "status 503"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + FINE, "ok"),
        (b"HTTP/1.1 204 Nothing\r\n\r\n", "ok"),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", "ok"),
        (b"HTTP/1.1 200 OK\r\n\r\nto the endHANG UP", "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalfHANG UP", "broken"),
        (CHUNKED + b"5\r\nhaHANG UP", "broken"),
        (b"HTTP/1.1 200 OK\r\nContent-LeHANG UP", "broken"),
        (b"HANG UP", "broken"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "broken"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"HANG UP", "broken"),
    ],
)
async def test_an_answer_is_judged_once_it_is_whole(answer: bytes, result: str) -> None:
    async with site(answer) as server, asking(server.port) as mix:
        assert await mix.send() == result

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("body", "result"),
    [(gzip.compress(b"{}"), "ok"), (b"not gzip at all", "broken")],
    ids=["gzip", "not gzip"],  # and not its bytes, which have the time in them
)
async def test_what_cannot_be_decoded_is_broken(body: bytes, result: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}"
    answer = head.encode() + b"\r\n\r\n" + body

    async with site(answer) as server, asking(server.port) as mix:
        assert await mix.send() == result


async def test_a_refusal_before_all_was_sent_is_an_answer() -> None:
    full = b"HTTP/1.1 413 Too much\r\nContent-Length: 0\r\n\r\nHANG UP"

    async with (
        site(full) as server,
        asking(server.port, method="POST", body=BIG) as mix,
    ):
        said = await mix.send()

    assert said in ("status 413", "broken")  # a reset may overtake it


async def test_cookies_are_kept() -> None:
    sets = b"HTTP/1.1 200 OK\r\nSet-Cookie: cart=7\r\nContent-Length: 0\r\n\r\n"

    async with site(sets, FINE) as server, asking(server.port) as mix:
        said = [await mix.send() for _ in range(3)]

    assert said == ["ok"] * 3
    assert [b"cart=7" in one for one in server.asked] == [False, True, True]


async def test_it_goes_out_as_it_was_written() -> None:
    async with site(FINE) as server:
        url = f"http://me:secret@127.0.0.1:{server.port}/a%20b?c=d"
        headers = {"X-Who": "chaos"}
        async with asking(0, url=url, method="PUT", headers=headers, json=[1]) as mix:
            assert await mix.send() == "ok"

    (asked,) = server.asked
    head, _, body = asked.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first == "PUT /a%20b?c=d HTTP/1.1"
    assert body == b"[1]"
    assert {
        f"Host: 127.0.0.1:{server.port}",
        "Accept: */*",
        "Connection: keep-alive",
        "X-Who: chaos",
        "Content-Length: 3",
        "Content-Type: application/json",
        "Authorization: Basic bWU6c2VjcmV0",
    } <= {*lines}


async def test_no_proxy_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async with site(FINE) as server, asking(server.port) as mix:
        assert await mix.send() == "ok"


@pytest.mark.parametrize(
    ("url", "result"),
    [
        ("http://127.0.0.1:x/", "invalid url"),
        ("ftp://127.0.0.1/", "broken"),
        ("/checkout", "broken"),
        ("http://no-such-name.invalid/", "connect"),
    ],
)
async def test_what_cannot_be_sent_is_told_in_a_word(url: str, result: str) -> None:
    async with asking(0, url=url) as mix:
        assert await mix.send() == result


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one for this machine, which signs itself."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    out = ["-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run([*new, *name, *out], check=True, capture_output=True)
    with file.open("ab") as both:
        both.write(file.with_suffix(".pem.crt").read_bytes())
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


async def test_a_certificate_that_nobody_has_signed_is_refused(
    tls: ssl.SSLContext,
) -> None:
    async with site(FINE, tls=tls) as server, asking(server.port, "https") as mix:
        assert await mix.send() == "connect"

    assert server.asked == []


async def test_one_that_is_trusted_is_spoken_to(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    async with site(FINE, tls=tls) as server:
        request = Request(url=f"https://127.0.0.1:{server.port}/")
        client = Client.of([request], 1)
        client.pool.tls = ssl.create_default_context(cafile=certificate)
        said = [await client.ask(request) for _ in range(3)]
        await client.pool.close()

    assert said == [200] * 3
    assert server.connections == 1
