"""What every fault must keep, tested for all of them on real targets."""

from __future__ import annotations

import inspect
import json
import os
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.adapters.embedded import EmbeddedProxies
from chaos_mcp.adapters.toxiproxy import ForeignToxiproxy
from chaos_mcp.adapters.world import World
from chaos_mcp.errors import ChaosError, FaultRefused, UndoFailed
from chaos_mcp.faults import BUILT_IN
from chaos_mcp.machine.identity import identity_of
from chaos_mcp.registry import Registry, fault_of
from tests.faults.owned import OWNED
from tests.faults.stages import made

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.faults.base import Fault, Memo
    from tests.faults.stages import Stage

pytestmark = pytest.mark.anyio
SOON = 10.0
HARMFUL = [kind for kind in BUILT_IN if kind != "none"]
LASTING = [kind for kind in HARMFUL if kind != "container.restart"]
"""Those whose harm stands until it is undone; the others' is over once it is done."""
PROXIED = ("network.", "http.")
LOCAL = [kind for kind in HARMFUL if not kind.startswith(PROXIED) and kind not in OWNED]
TARGETED = [kind for kind in HARMFUL if not kind.startswith("host.")]
harmful = pytest.mark.parametrize("kind", HARMFUL)
lasting = pytest.mark.parametrize("kind", LASTING)
UNDO = """
import json, sys
import anyio
from chaos_mcp.adapters.world import World
from chaos_mcp.registry import Registry, fault_of

async def undo(spec, memo):
    fault = fault_of(spec, Registry())
    await fault.undo(World(), memo)
    await fault.verify(World(), memo)

anyio.run(undo, *json.load(sys.stdin))
"""


async def settled(stage: Stage, is_so: Callable[[Any], bool]) -> None:
    """See that the target is so, at once or soon: a stop may be on its way."""
    with anyio.move_on_after(SOON):
        while not is_so(await stage.state()):  # noqa: ASYNC110 - the kernel tells nobody
            await anyio.sleep(0.005)
    assert is_so(await stage.state())


def spec_of(fault: Fault) -> dict[str, Any]:
    """Return a fault as the journal has it."""
    return {"fault": fault.kind, **fault.model_dump(mode="json")}


@pytest.mark.parametrize("kind", BUILT_IN)
def test_it_says_what_it_does_and_how_it_is_undone(kind: str) -> None:
    cls = type(made(kind))

    assert cls.kind == kind
    assert (inspect.getdoc(cls) or "").endswith(".")
    assert cls.undo_in_words
    for name, field in cls.model_fields.items():
        assert field.description, f"{kind}: {name} is not described"


@pytest.mark.parametrize("kind", BUILT_IN)
def test_only_what_a_server_of_our_own_carries_ends_with_us(kind: str) -> None:
    fault, url = made(kind), "http://127.0.0.1:1"
    own = World(proxies=EmbeddedProxies(url, identity_of(os.getpid())))
    others = [World(proxies=EmbeddedProxies(url)), World(proxies=ForeignToxiproxy(url))]

    assert fault.ends_with_us(own) is kind.startswith((*PROXIED, "none"))
    for world in (World(), *others):
        assert fault.ends_with_us(world) is (kind == "none")


@harmful
def test_it_says_what_it_touches(kind: str) -> None:
    targets = made(kind).targets()

    assert targets
    assert all(sort and name for sort, _, name in (t.partition(":") for t in targets))


@pytest.mark.parametrize("kind", BUILT_IN)
def test_it_survives_json(kind: str) -> None:
    fault = made(kind)

    again = fault_of(json.loads(json.dumps(spec_of(fault))), Registry())

    assert again == fault


async def test_arming_changes_nothing(stage: Stage) -> None:
    before = await stage.state()

    await stage.fault.arm(stage.world)

    await settled(stage, lambda state: state == before)


async def test_its_memo_is_json(stage: Stage) -> None:
    memo = await stage.fault.arm(stage.world)

    assert json.loads(json.dumps(memo)) == memo


async def test_undoing_what_was_never_done_changes_nothing(stage: Stage) -> None:
    before = await stage.state()
    memo = await stage.fault.arm(stage.world)

    await stage.fault.undo(stage.world, memo)

    await settled(stage, lambda state: state == before)
    await stage.fault.verify(stage.world, memo)


async def test_undoing_restores_and_twice_is_once(stage: Stage) -> None:
    before = await stage.state()
    memo = await stage.fault.arm(stage.world)
    await stage.fault.inject(stage.world, memo)

    await stage.fault.undo(stage.world, memo)
    await stage.fault.verify(stage.world, memo)
    await stage.fault.undo(stage.world, memo)

    await settled(stage, lambda state: state == before)
    await stage.fault.verify(stage.world, memo)


@lasting
async def test_injecting_changes_something(stage: Stage) -> None:
    before = await stage.state()
    memo = await stage.fault.arm(stage.world)

    await stage.fault.inject(stage.world, memo)

    await settled(stage, lambda state: state != before)


@lasting
async def test_what_still_stands_is_not_verified(stage: Stage) -> None:
    memo = await stage.fault.arm(stage.world)
    await stage.fault.inject(stage.world, memo)

    with pytest.raises(UndoFailed, match=stage.standing):
        await stage.fault.verify(stage.world, memo)


@harmful
async def test_whoever_comes_later_can_undo_from_what_was_written_down(
    stage: Stage,
) -> None:
    before = await stage.state()
    memo = await stage.fault.arm(stage.world)
    await stage.fault.inject(stage.world, memo)
    later = fault_of(spec_of(stage.fault), Registry())

    await later.undo(replace(stage.world, owner="somebody else"), memo)

    await settled(stage, lambda state: state == before)


@pytest.mark.parametrize("kind", LOCAL)
async def test_another_process_can_undo_with_nothing_but_the_memo(
    stage: Stage,
) -> None:
    before = await stage.state()
    memo = await stage.fault.arm(stage.world)
    await stage.fault.inject(stage.world, memo)

    written = json.dumps([spec_of(stage.fault), memo]).encode()
    await anyio.run_process([sys.executable, "-c", UNDO], input=written, check=True)

    await settled(stage, lambda state: state == before)


@harmful
async def test_half_an_injection_is_undone(stage: Stage) -> None:
    before = await stage.state()
    memo = await stage.fault.arm(stage.world)
    await stage.fault.inject(stage.world, memo)
    await stage.halve(memo)

    await stage.fault.undo(stage.world, memo)

    await settled(stage, lambda state: state == before)
    await stage.fault.verify(stage.world, memo)


@harmful
async def test_a_target_that_is_gone_needs_no_undo(stage: Stage) -> None:
    memo = await stage.fault.arm(stage.world)
    await stage.fault.inject(stage.world, memo)
    await stage.vanish()

    await stage.fault.undo(stage.world, memo)

    seen = await stage.fault.verify(stage.world, memo)
    assert stage.gone.items() <= seen.items()


async def proof(stage: Stage, memo: Memo, within: float) -> Any:
    """Return the evidence that is to be had in so many seconds, or None."""
    with anyio.move_on_after(within), suppress(ChaosError):
        return await stage.fault.prove(stage.world, memo)
    return None


@lasting
async def test_it_is_proven_while_it_bites_and_neither_before_nor_after(
    stage: Stage,
) -> None:
    memo = await stage.fault.arm(stage.world)
    before = await proof(stage, memo, 0.15)
    await stage.fault.inject(stage.world, memo)
    async with stage.in_use(memo):
        during = await proof(stage, memo, 10)
    await stage.fault.undo(stage.world, memo)
    after = await proof(stage, memo, 0.15)

    assert before is None
    assert json.loads(json.dumps(during)) == during is not None
    assert after is None


@lasting
async def test_it_refuses_over_what_is_broken_already(stage: Stage) -> None:
    memo = await stage.fault.arm(stage.world)
    await stage.fault.inject(stage.world, memo)

    with pytest.raises(FaultRefused, match=stage.already):
        await stage.fault.arm(stage.world)


@pytest.mark.parametrize("kind", TARGETED)
async def test_it_refuses_a_target_that_is_not_there(stage: Stage) -> None:
    await stage.vanish()

    with pytest.raises(FaultRefused, match="there is no"):
        await stage.fault.arm(stage.world)
