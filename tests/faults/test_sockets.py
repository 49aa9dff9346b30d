"""Faults on the network over Unix sockets and datagrams, on a real proxy server."""

import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import pytest

from chaos_mcp.adapters.world import World
from chaos_mcp.errors import ActivityFailed, FaultRefused
from chaos_mcp.faults.network_latency import NetworkLatency
from chaos_mcp.faults.network_partition import NetworkPartition
from chaos_mcp.faults.network_slow_close import NetworkSlowClose
from tests.command import Chaos
from tests.proxy.running import Server

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(anyio_backend: str, server: Server) -> AsyncIterator[World]:
    """Give a world whose proxies are not there yet."""
    del anyio_backend
    async with server.attached() as proxies:
        yield World(proxies=proxies, owner="chaos-test-1")


@pytest.fixture
def mirror() -> Iterator[str]:
    """Give the address of a server of datagrams that nobody reads: it is enough."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{one.getsockname()[1]}"


async def say(listen: str) -> None:
    """Send a few datagrams."""
    host, _, port = listen.removeprefix("udp://").rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        for _ in range(3):
            one.sendto(b"hello", (host, int(port)))


async def test_datagrams_are_cut_off_proven_and_let_go(
    world: World, mirror: str
) -> None:
    assert world.proxies is not None
    made = await world.proxies.create("dns", mirror, "udp://127.0.0.1:0")
    fault = NetworkPartition(proxy="dns", direction="upstream")
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    await say(made.listen)

    with anyio.fail_after(10):
        proof = await fault.prove(world, memo)
    await fault.undo(world, memo)

    assert proof["dropped_bytes"] > 0
    assert await fault.verify(world, memo) == {"toxics": 0, "accepts": made.listen}


async def test_a_fault_of_streams_is_refused_by_the_proxy_of_datagrams(
    world: World, mirror: str
) -> None:
    assert world.proxies is not None
    await world.proxies.create("dns", mirror, "udp://127.0.0.1:0")
    fault = NetworkSlowClose.model_validate({"proxy": "dns", "delay": "1s"})

    with pytest.raises(ActivityFailed, match="slow_close is not for datagrams"):
        await fault.inject(world, await fault.arm(world))


async def test_a_unix_socket_is_slowed_down_and_verified(
    world: World, upstream: str
) -> None:
    assert world.proxies is not None
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        path = Path(folder) / "x"
        await world.proxies.create("cache", upstream, f"unix:{path}")
        fault = NetworkLatency.model_validate({"proxy": "cache", "latency": "50ms"})
        memo = await fault.arm(world)
        await fault.inject(world, memo)
        async with await anyio.connect_unix(path) as client:
            await client.send(b"hello")
            with anyio.fail_after(10):
                await fault.prove(world, memo)
        await fault.undo(world, memo)

        assert (await fault.verify(world, memo))["accepts"] == f"unix:{path}"
        with suppress(FaultRefused):
            await world.proxies.delete("cache")


EXPERIMENT = """\
title: Datagrams
system:
  proxies:
    - {{name: dns, upstream: "127.0.0.1:53", listen: "udp://127.0.0.1:0"}}
perturbations:
  - {{fault: {fault}, proxy: dns, for: 1s}}
"""


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("network.slow-close, delay: 1s", 1, "is for streams; 'dns' carries datagrams"),
        ("network.partition, skip-bytes: 9 B", 1, "are for streams, not for datagrams"),
        ("network.partition", 0, ""),
    ],
)
def test_a_plan_says_what_cannot_be_on_datagrams(
    chaos: Chaos, tmp_path: Path, fault: str, code: int, said: str
) -> None:
    text = EXPERIMENT.format(fault=fault)
    (tmp_path / "e.yaml").write_text(text, "utf-8")

    done = chaos("validate", "e.yaml")

    assert bool(done.returncode) == bool(code)
    assert said in done.stderr + done.stdout


def test_a_foreign_toxiproxy_has_no_datagrams(chaos: Chaos, tmp_path: Path) -> None:
    text = EXPERIMENT.format(fault="network.partition")
    (tmp_path / "e.yaml").write_text(text, "utf-8")

    done = chaos("validate", "e.yaml", CHAOS_TOXIPROXY_URL="http://127.0.0.1:1")

    only = "only the embedded proxy has datagrams and Unix sockets"
    assert f"system.proxies[0].listen: {only}" in done.stderr + done.stdout
