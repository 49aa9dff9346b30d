"""What every fault must keep, tested for all of them on a real proxy server."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
import yaml

from chaos_mcp.adapters.world import Toxic
from chaos_mcp.errors import FaultRefused, PartMissing, UndoFailed
from chaos_mcp.faults import BUILT_IN
from chaos_mcp.registry import Registry, fault_of
from tests.echo import Client

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import ProxyState, World
    from chaos_mcp.faults.base import Fault

pytestmark = pytest.mark.anyio
NETWORK = [kind for kind in BUILT_IN if kind.startswith("network.")]


def made(kind: str) -> Fault:
    """Return a fault made of its own example."""
    entry = Registry().find("fault", kind)
    assert entry is not None
    cls = entry.load()
    call = {"fault", "name", "for", "at"}
    written = yaml.safe_load(cls.example)
    fault: Fault = cls.model_validate(
        {k: v for k, v in written.items() if k not in call}
    )
    return fault


async def state(world: World) -> ProxyState:
    assert world.proxies is not None
    found = await world.proxies.state("cache")
    assert found is not None
    return found


@pytest.mark.parametrize("kind", BUILT_IN)
def test_it_says_what_it_does_and_how_it_is_undone(kind: str) -> None:
    cls = type(made(kind))

    assert cls.kind == kind
    assert (inspect.getdoc(cls) or "").endswith(".")
    assert cls.undo_in_words
    for name, field in cls.model_fields.items():
        assert field.description, f"{kind}: {name} is not described"


@pytest.mark.parametrize("kind", BUILT_IN)
def test_it_survives_json(kind: str) -> None:
    fault = made(kind)

    again = fault_of({"fault": kind, **fault.model_dump(mode="json")}, Registry())

    assert again == fault


@pytest.mark.parametrize("kind", BUILT_IN)
async def test_arming_changes_nothing(kind: str, world: World) -> None:
    before = await state(world)

    await made(kind).arm(world)

    assert await state(world) == before


@pytest.mark.parametrize("kind", BUILT_IN)
async def test_undoing_what_was_never_done_changes_nothing(
    kind: str, world: World
) -> None:
    fault, before = made(kind), await state(world)
    memo = await fault.arm(world)

    await fault.undo(world, memo)

    assert await state(world) == before
    await fault.verify(world, memo)


@pytest.mark.parametrize("kind", BUILT_IN)
async def test_undoing_restores_and_twice_is_once(kind: str, world: World) -> None:
    fault, before = made(kind), await state(world)
    memo = await fault.arm(world)
    await fault.inject(world, memo)

    await fault.undo(world, memo)
    await fault.undo(world, memo)

    assert await state(world) == before
    await fault.verify(world, memo)


@pytest.mark.parametrize("kind", NETWORK)
async def test_what_still_stands_is_not_verified(kind: str, world: World) -> None:
    fault = made(kind)
    memo = await fault.arm(world)
    await fault.inject(world, memo)

    with pytest.raises(UndoFailed, match="still carries"):
        await fault.verify(world, memo)


@pytest.mark.parametrize("kind", NETWORK)
async def test_another_process_can_undo_from_what_was_written_down(
    kind: str, world: World
) -> None:
    fault, before = made(kind), await state(world)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    later = fault_of({"fault": kind, **fault.model_dump(mode="json")}, Registry())

    await later.undo(replace(world, owner="somebody else"), memo)

    assert await state(world) == before


@pytest.mark.parametrize("kind", NETWORK)
async def test_half_an_injection_is_undone(kind: str, world: World) -> None:
    fault, before = made(kind), await state(world)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    assert world.proxies is not None
    await world.proxies.remove_toxic("cache", memo["toxics"][0])

    await fault.undo(world, memo)

    assert await state(world) == before


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
async def test_a_proxy_that_is_gone_needs_no_undo(kind: str, world: World) -> None:
    fault = made(kind)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    assert world.proxies is not None
    await world.proxies.delete("cache")

    await fault.undo(world, memo)

    assert await fault.verify(world, memo) == {"proxy": "gone"}


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


def talk(listen: str) -> Client:
    """Send something, and say that this was all."""
    import socket  # noqa: PLC0415 - for this only

    client = Client(listen)
    client.send(b"x" * 3000)
    client.socket.shutdown(socket.SHUT_WR)
    return client


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
async def test_it_refuses_over_what_is_broken_already(kind: str, world: World) -> None:
    fault = made(kind)
    memo = await fault.arm(world)
    await fault.inject(world, memo)

    with pytest.raises(FaultRefused, match=r"carries .* already"):
        await fault.arm(world)


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
