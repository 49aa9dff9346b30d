"""The same for asynchronous programs, on asyncio and on trio."""

from __future__ import annotations

import asyncio
import subprocess
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

import chaos_mcp as chaos
from chaos_mcp.events import FaultVerified
from chaos_mcp.journal.ledger import anything_open
from chaos_mcp.journal.read import read
from tests.library.talking import answered
from tests.running import only
from tests.safety.bench import state_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
async def achaos(tmp_path: Path) -> AsyncIterator[chaos.AsyncSession]:
    async with chaos.session(seed=7, runs=tmp_path) as session:
        yield session


async def talk(proxy: chaos.Proxy) -> bool:
    return await anyio.to_thread.run_sync(answered, proxy, 0.2)


async def test_faults_stand_in_their_blocks_beside_a_watch(
    achaos: chaos.AsyncSession, upstream: str
) -> None:
    asked = 0

    async def probe() -> bool:
        nonlocal asked
        asked += 1
        await anyio.lowlevel.checkpoint()
        return True

    proxy = await achaos.proxy(upstream, name="cache")
    async with (
        achaos.network_partition("cache", duration=5),
        achaos.watch(probe, every=0.05),
    ):
        during = await talk(proxy)

    assert (during, await talk(proxy)) == (False, True)
    assert asked >= 2


async def test_what_a_block_raises_is_not_wrapped(
    achaos: chaos.AsyncSession, upstream: str
) -> None:
    proxy = await achaos.proxy(upstream)

    with pytest.raises(ZeroDivisionError):
        async with achaos.network_partition(proxy), achaos.watch(lambda: True):
            raise ZeroDivisionError

    assert await talk(proxy)


async def test_a_cancelled_block_is_taken_back_first(
    achaos: chaos.AsyncSession, upstream: str
) -> None:
    proxy = await achaos.proxy(upstream)

    with anyio.move_on_after(0.1) as scope:
        async with achaos.network_partition(proxy):
            await anyio.sleep(60)

    assert scope.cancelled_caught
    assert len(only(achaos.events, FaultVerified)) == 1


async def test_a_cancelled_entering_leaves_nothing(
    achaos: chaos.AsyncSession, upstream: str
) -> None:
    proxy = await achaos.proxy(upstream)

    with anyio.CancelScope() as scope:
        scope.cancel()
        async with achaos.network_partition(proxy):
            await anyio.sleep(60)

    assert not anything_open([e for e in achaos.events if e.kind.startswith("fault.")])
    assert await talk(proxy)


async def test_a_program_may_block_its_loop_for_longer_than_a_lease(
    tmp_path: Path,
) -> None:
    process = subprocess.Popen(["sleep", "600"])  # noqa: S607, ASYNC220 - any sleep
    try:
        async with chaos.session(runs=tmp_path, lease=3.0) as session:
            async with session.process_pause(pid=process.pid):
                time.sleep(4)  # noqa: ASYNC251 - the point of this
                assert state_of(process.pid) == "T"
            folder = session.folder
    finally:
        process.kill()
        process.wait()

    assert "run.taken-over" not in [one.kind for one in read(folder)]


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
async def test_two_native_cancels_do_not_lose_the_undo(
    achaos: chaos.AsyncSession, upstream: str
) -> None:
    proxy = await achaos.proxy(upstream)
    entered = asyncio.Event()

    async def block() -> None:
        async with achaos.network_partition(proxy, prove=False):
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(block())
    await entered.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert len(only(achaos.events, FaultVerified)) == 1
    assert await talk(proxy)


async def test_several_sessions_live_beside_each_other(
    tmp_path: Path, upstream: str
) -> None:
    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(chaos.session(runs=tmp_path))
            for _ in range(3)
        ]
        proxies = [await one.proxy(upstream, name="same") for one in sessions]

        async with sessions[1].network_partition("same"):
            heard = [await talk(proxy) for proxy in proxies]

    assert heard == [True, False, True]
