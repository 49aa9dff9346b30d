"""Faults on the network, on a real proxy server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest

from chaos_mcp.adapters.world import Toxic, World
from chaos_mcp.errors import FaultRefused, PartMissing
from chaos_mcp.faults import BUILT_IN
from tests.faults.stages import made, talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chaos_mcp.adapters.world import ProxyState
    from tests.proxy.running import Server

pytestmark = pytest.mark.anyio
NETWORK = [kind for kind in BUILT_IN if kind.startswith("network.")]


@pytest.fixture
async def world(
    anyio_backend: str, server: Server, upstream: str
) -> AsyncIterator[World]:
    """Give a world whose proxy `cache` leads to the upstream."""
    del anyio_backend
    async with server.attached() as proxies:
        await proxies.create("cache", upstream, "127.0.0.1:0")
        yield World(proxies=proxies, owner="chaos-test-1")


async def state(world: World) -> ProxyState:
    assert world.proxies is not None
    found = await world.proxies.state("cache")
    assert found is not None
    return found


@pytest.mark.parametrize("kind", NETWORK)
async def test_toxics_of_others_are_left_alone(kind: str, world: World) -> None:
    assert world.proxies is not None
    await world.proxies.add_toxic("cache", Toxic("theirs", "noop", "downstream"))
    fault, before = made(kind), await state(world)
    memo = await fault.arm(world)
    await fault.inject(world, memo)

    await fault.undo(world, memo)

    assert await state(world) == before


@pytest.mark.parametrize("kind", NETWORK)
async def test_it_is_proven_by_traffic_and_not_before(kind: str, world: World) -> None:
    fault = made(kind)
    memo = await fault.arm(world)
    await fault.inject(world, memo)

    with anyio.move_on_after(0.15) as waiting:
        await fault.prove(world, memo)
    client = await anyio.to_thread.run_sync(talk, memo["listen"])
    with anyio.fail_after(10):
        evidence = await fault.prove(world, memo)
    client.close()

    assert waiting.cancelled_caught
    assert evidence["seen"] == "effect"
    assert evidence["connections"] == 1


@pytest.mark.parametrize("kind", NETWORK)
async def test_toxics_expire_by_themselves(kind: str, world: World) -> None:
    mortal = replace(world, extra={"ttl": 0.2})
    fault = made(kind)
    memo = await fault.arm(mortal)

    await fault.inject(mortal, memo)

    with anyio.fail_after(10):
        while (await state(world)).toxics:  # noqa: ASYNC110 - the proxy tells nobody
            await anyio.sleep(0.02)


@pytest.mark.parametrize("kind", NETWORK)
async def test_it_refuses_a_proxy_that_is_not_there(kind: str, world: World) -> None:
    fault = made(kind).model_copy(update={"proxy": "nowhere"})

    with pytest.raises(FaultRefused, match="no proxy 'nowhere'"):
        await fault.arm(world)


@pytest.mark.parametrize("kind", NETWORK)
async def test_it_says_when_there_is_no_server(kind: str, world: World) -> None:
    with pytest.raises(PartMissing, match="no proxy server"):
        await made(kind).arm(replace(world, proxies=None))


@pytest.mark.parametrize(
    ("direction", "streams"),
    [
        ("both", ["upstream", "downstream"]),
        ("upstream", ["upstream"]),
        ("downstream", ["downstream"]),
    ],
)
async def test_a_partition_is_one_way_where_it_is_asked_to_be(
    direction: str, streams: list[str], world: World
) -> None:
    fault = made("network.partition").model_copy(update={"direction": direction})
    memo = await fault.arm(world)

    await fault.inject(world, memo)

    toxics: Any = (await state(world)).toxics
    assert [(one.type, one.stream) for one in toxics] == [
        ("timeout", stream) for stream in streams
    ]


async def test_where_nobody_counts_the_evidence_says_so(world: World) -> None:
    class Mute:
        """A server that does not count, as Toxiproxy does not."""

        def __getattr__(self, name: str) -> Any:
            return getattr(world.proxies, name)

        async def effects(self, proxy: str, name: str) -> None:
            """Know nothing."""

    mute: Any = Mute()
    silent = replace(world, proxies=mute)
    fault = made("network.latency")
    memo = await fault.arm(silent)
    await fault.inject(silent, memo)

    evidence = await fault.prove(silent, memo)

    assert evidence == {"seen": "configured", "toxics": memo["toxics"]}
