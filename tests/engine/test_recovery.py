"""Recovery is waited for until traffic has been good for the hold time."""

from __future__ import annotations

import anyio
import pytest
import trio

from chaos_mcp.engine.recovery import Goodput
from chaos_mcp.score.model import Settings, WorkloadSettings
from chaos_mcp.workload.schedule import Sample

pytestmark = pytest.mark.anyio
SETTINGS = Settings(
    workloads=(WorkloadSettings(name="shop", rate=10, deadline=1, latency=0.2),), hold=3
)


def goodput() -> Goodput:
    found = Goodput(SETTINGS, trio.current_time)
    for second in range(10):
        send(found, second)
    found.end_baseline()
    return found


def send(found: Goodput, second: int, result: str = "ok", latency: float = 0.1) -> None:
    for part in range(10):
        found.seen("shop", Sample(second + part / 10, latency, result))


async def test_normal_is_what_the_baseline_was() -> None:
    assert goodput().normal == 10


async def test_good_seconds_for_the_hold_time_are_enough() -> None:
    found = goodput()
    await anyio.sleep(20)
    for second in range(20, 24):
        send(found, second)

    with anyio.fail_after(10):
        await found.recovered(20.0)

    assert 24 <= trio.current_time() < 25


@pytest.mark.parametrize(
    ("result", "latency"), [("status 500", 0.1), ("ok", 0.9)], ids=["failed", "slow"]
)
async def test_bad_traffic_is_no_recovery(result: str, latency: float) -> None:
    found = goodput()
    await anyio.sleep(20)
    for second in range(20, 40):
        send(found, second, result, latency)

    with anyio.move_on_after(15) as scope:
        await found.recovered(20.0)

    assert scope.cancelled_caught


async def test_silence_is_no_recovery() -> None:
    found = goodput()
    await anyio.sleep(20)

    with anyio.move_on_after(15) as scope:
        await found.recovered(20.0)

    assert scope.cancelled_caught
