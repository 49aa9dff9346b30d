"""Requests are due at fixed times, whether or not the system keeps up."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import trio
import trio.testing

from chaos_mcp.experiment.model import Request
from chaos_mcp.workload.http import judge
from chaos_mcp.workload.schedule import Sample, Schedule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Let an hour pass in a millisecond."""
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


async def sampled(
    send: Callable[[], Awaitable[str]], seconds: float, rate: float = 10.0
) -> list[Sample]:
    """Send for a while and return the samples in the order of their due times."""
    samples: list[Sample] = []
    schedule = Schedule(
        rate=rate, deadline=2.0, send=send, now=trio.current_time, seen=samples.append
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(schedule.run)
        await anyio.sleep(seconds)
        schedule.stop()
    return sorted(samples, key=lambda one: one.due)


async def quick() -> str:
    await anyio.sleep(0.05)
    return "ok"


@pytest.mark.anyio
async def test_requests_go_out_at_a_constant_rate() -> None:
    samples = await sampled(quick, 10.05)

    assert len(samples) == 101
    gaps = {round(b.due - a.due, 3) for a, b in itertools.pairwise(samples)}
    assert gaps == {0.1}
    assert {one.latency for one in samples} == {0.05}


@pytest.mark.anyio
async def test_a_stalled_target_hides_nothing() -> None:
    async def stalled() -> str:
        await anyio.sleep_forever()
        return "never"

    samples = await sampled(stalled, 5.05)

    assert len(samples) == 51
    assert {(one.result, one.latency) for one in samples} == {("timeout", 2.0)}


@pytest.mark.anyio
async def test_what_is_under_way_at_the_end_comes_to_its_end() -> None:
    async def slow() -> str:
        await anyio.sleep(1.5)
        return "ok"

    samples = await sampled(slow, 1.05)

    assert [one.result for one in samples] == ["ok"] * 11


@pytest.mark.anyio
async def test_a_generator_that_falls_behind_says_so() -> None:
    clock = {"late": 0.0}
    schedule = Schedule(
        rate=10.0,
        deadline=2.0,
        send=quick,
        now=lambda: trio.current_time() + clock["late"],
        seen=lambda _: None,
    )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(schedule.run)
        await anyio.sleep(1)
        clock["late"] = 3.0
        await anyio.sleep(1)
        schedule.stop()

    assert not schedule.batch.kept_up
    assert schedule.batch.lag > 1


@pytest.mark.parametrize(
    ("expect", "status", "result"),
    [
        (None, 201, "ok"),
        (None, 302, "ok"),
        (None, 404, "status 404"),
        (404, 404, "ok"),
        ((200, 503), 503, "ok"),
        (200, 201, "status 201"),
    ],
)
def test_a_status_counts_as_the_request_says(
    expect: Any, status: int, result: str
) -> None:
    assert judge(Request(url="http://x", expect=expect), status) == result
