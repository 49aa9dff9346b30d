"""Toxics on a real proxy server, whatever becomes of them, the proxy and the server."""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.adapters import embedded
from chaos_mcp.adapters.embedded import EmbeddedProxies, attach
from chaos_mcp.errors import ActivityFailed, PartMissing
from chaos_mcp.events import FaultVerified
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.read import read
from tests.echo import echo_server
from tests.proxy.running import Server, running
from tests.running import only
from tests.safety.sites import OURS, Site, injections_of, recovered, slow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from chaos_mcp.adapters.world import Toxic
    from chaos_mcp.engine.recover import Recovered

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with echo_server() as address:
        yield address


@pytest.fixture(scope="module")
def lasting() -> Iterator[Server]:
    """Give one server to all tests that do not end it."""
    with running() as server:
        yield server


@pytest.fixture
def site(lasting: Server, upstream: str) -> Site:
    lasting.empty()
    made = Site(lasting, upstream)
    made.make()
    return made


def all_gone(came: Recovered, folder: Path) -> bool:
    """Tell whether everything was taken back, and is written down as seen gone."""
    events = read(folder)
    seen = len(only(events, FaultVerified)) == len(came.undone) == 1
    return seen and not came.open and not open_faults(events)


def delete(site: Site) -> None:
    site.call("DELETE", "/proxies/cache")


def replaced_by_a_namesake(site: Site) -> None:
    delete(site)
    site.make()
    site.add("theirs")


def joined_by_others(site: Site) -> None:
    site.add("theirs")
    site.add("chaos-another-1-upstream")


def half_undone(site: Site) -> None:
    site.call("DELETE", f"/proxies/cache/toxics/{min(OURS)}")


def all_undone(site: Site) -> None:
    for name in OURS:
        site.call("DELETE", f"/proxies/cache/toxics/{name}")


def cut_by_hand(site: Site) -> None:
    """Somebody takes ours for their own, and changes it."""
    body = {"attributes": {"latency": 5}}
    site.call("PATCH", f"/proxies/cache/toxics/{min(OURS)}", body)


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (delete, None),
        (replaced_by_a_namesake, {"theirs"}),
        (joined_by_others, {"theirs", "chaos-another-1-upstream"}),
        (half_undone, set()),
        (all_undone, set()),
        (cut_by_hand, set()),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
async def test_a_proxy_that_was(
    site: Site, tmp_path: Path, change: Any, left: set[str] | None
) -> None:
    await site.slowed(tmp_path)
    change(site)

    came = await recovered(tmp_path)

    assert all_gone(came, tmp_path)
    names = site.call("GET", "/proxies")
    assert (site.carries() if "cache" in names else None) == left


@pytest.mark.parametrize("known", [True, False], ids=["known", "known by URL alone"])
async def test_a_server_restarted_on_its_port_without_the_toxics(
    tmp_path: Path, upstream: str, *, known: bool
) -> None:
    with running() as server:
        site = Site(server, upstream)
        site.make()
        await site.slowed(tmp_path, known=known)
    with running("--port", str(site.server.port)) as again:
        site = replace(site, server=again)
        site.make()
        site.add("theirs")

        came = await recovered(tmp_path)

        assert all_gone(came, tmp_path)
        assert site.carries() == {"theirs"}


async def test_a_server_that_has_ended_carries_nothing(
    tmp_path: Path, upstream: str
) -> None:
    with running() as server:
        site = Site(server, upstream)
        site.make()
        await site.slowed(tmp_path)

    came = await recovered(tmp_path)

    assert all_gone(came, tmp_path)


async def test_a_server_that_may_be_elsewhere_is_not_taken_for_gone(
    tmp_path: Path, upstream: str
) -> None:
    with running() as server:
        site = Site(server, upstream)
        site.make()
        await site.slowed(tmp_path, known=False)

    came = await recovered(tmp_path)

    assert [one.name for one in came.open] == ["slow cache down"]
    assert site.server.url in came.why(came.open[0])


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


async def test_a_server_that_hangs_is_given_up_and_put_back_once_it_lives(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.slowed(tmp_path)
    with stopped(site.server), monkeypatch.context() as patch:
        patch.setattr(embedded, "CALL", 0.05)
        hung = await recovered(tmp_path)

    came = await recovered(tmp_path)

    assert [one.name for one in hung.open] == ["slow cache down"]
    assert all_gone(came, tmp_path)
    assert site.carries() == set()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
PAGE = b"<html>another program has the port by now</html>"


@contextmanager
def impostor(answer: bytes, *, drips: bool = False) -> Iterator[str]:
    """Answer everything on a port with the same; drip on for ever if asked to."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    client.recv(65536)
                    client.sendall(answer)
                    while drips and not over.wait(0.01):
                        client.sendall(b" ")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


@pytest.mark.parametrize(
    ("answer", "drips"),
    [
        (OK % len(PAGE) + PAGE, False),
        (OK % 2 + b"[]", False),
        (OK % 17 + b'{"cache": {"a":1}}'[:17], False),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_9.9\r\n", False),
        (OK % 10**6, True),
    ],
    ids=["a page", "a list", "half of it", "nothing here", "no HTTP", "a drip"],
)
async def test_another_program_on_the_port_of_the_server_is_not_believed(
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    answer: bytes,
    drips: bool,
) -> None:
    monkeypatch.setattr(embedded, "CALL", 0.2)
    with impostor(answer, drips=drips) as url:
        monkeypatch.setattr(
            EmbeddedProxies, "place", lambda _: {"kind": "embedded", "url": url}
        )
        await site.slowed(tmp_path)

        came = await recovered(tmp_path)

    assert [one.name for one in came.open] == ["slow cache down"]
    assert came.why(came.open[0]).startswith("the proxy server"), came.errors
    assert site.carries() == OURS, "and it is still there to be undone"


class Faltering:
    """A server of which the second toxic cannot be had."""

    def __init__(self, real: Any, error: Exception) -> None:
        self.real, self.error, self.added = real, error, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    async def add_toxics(self, proxy: str, toxics: Sequence[Toxic]) -> None:
        """Add the first one."""
        for toxic in toxics:
            self.added += 1
            if self.added == 2:
                raise self.error
            await self.real.add_toxic(proxy, toxic)


@pytest.mark.parametrize("error", [PartMissing("gone"), ActivityFailed("no")], ids=repr)
async def test_half_an_injection_is_taken_back_at_once(
    site: Site, tmp_path: Path, error: Exception
) -> None:
    async with attach(site.server.url) as proxies:
        faltering: Any = Faltering(proxies, error)
        injections = injections_of(tmp_path, faltering)

        standing = await injections.inflict(slow())

    injections.journal.close()
    assert (standing, faltering.added) == (None, 2)
    assert site.carries() == set()
    assert not open_faults(read(tmp_path))
