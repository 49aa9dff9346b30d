"""Stress is as much as was asked for, leaves others what they need, and ends."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pydantic import ValidationError

from chaos_mcp.adapters import stressor
from chaos_mcp.adapters.stress import Memory, Use
from chaos_mcp.adapters.world import World
from chaos_mcp.errors import FaultRefused
from chaos_mcp.faults.host_cpu import HostCpu
from chaos_mcp.faults.host_memory import HostMemory
from chaos_mcp.faults.process_cpu import ProcessCpu
from tests.faults.stages import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from chaos_mcp.adapters.stress import Job

pytestmark = pytest.mark.anyio
MIB = 2**20
GIB = 2**30


@dataclass
class FakeStressors:
    """A machine with as much memory as a test wants, on which nothing happens."""

    total: int = 16 * GIB
    available: int = 8 * GIB
    cpus: int = 4
    uses: list[list[Use]] = field(default_factory=list)

    async def start(self, tag: str, jobs: Sequence[Job]) -> None:
        del tag, jobs

    async def end(self, tag: str) -> None:
        del tag

    async def left(self, tag: str) -> list[int]:
        del tag
        return []

    async def use(self, tag: str) -> list[Use]:
        del tag
        return self.uses.pop(0) if len(self.uses) > 1 else self.uses[0]

    def place(self, pid: int) -> tuple[tuple[str, ...], str, tuple[int, ...]]:
        del pid
        return (), "/sys/fs/cgroup/theirs", (1,)

    def memory(self, pid: int) -> Memory:
        del pid
        return Memory(self.total, self.available)

    def limits(self, pid: int) -> tuple[str, ...]:
        del pid
        return ()

    def processors(self) -> int:
        return self.cpus


def world_of(stressors: FakeStressors) -> World:
    return World(stressors=stressors, owner="chaos-test-1")


@pytest.fixture
async def real(anyio_backend: str) -> AsyncIterator[World]:
    del anyio_backend
    world = World(owner=f"chaos-test-{os.getpid()}", extra={"ttl": 30.0})
    yield world
    await world.stressors.end(world.owner)


def bytes_in(memo: dict[str, Any]) -> list[int]:
    return [one["bytes"] for one in memo["jobs"]]


@pytest.mark.alone
@pytest.mark.parametrize("load", ["20%", "50%"])
async def test_what_is_measured_is_what_was_asked_for(real: World, load: str) -> None:
    fault = HostCpu.model_validate({"cores": 1, "load": load, "nice": 0})
    real = replace(real, extra={"ttl": 60.0})
    memo = await fault.arm(real)
    await fault.inject(real, memo)
    with anyio.fail_after(10):
        evidence = await fault.prove(real, memo)
    with anyio.fail_after(60):
        share = await undisturbed(real)

    assert abs(evidence["load"] - fault.load) <= 0.1
    assert abs(share - fault.load) <= 0.1


async def undisturbed(world: World) -> float:
    """Return the share of a second in which nobody else wanted the processor."""
    while True:
        (before,), began = await world.stressors.use(world.owner), anyio.current_time()
        await anyio.sleep(1)
        (after,), ended = await world.stressors.use(world.owner), anyio.current_time()
        if after.waited - before.waited < 0.05:
            return (after.ran - before.ran) / (ended - began)


async def test_stressors_are_the_first_to_go_and_give_way(real: World) -> None:
    fault = HostMemory.model_validate({"size": "4 MiB", "nice": 7})
    memo = await fault.arm(real)
    await fault.inject(real, memo)
    with anyio.fail_after(10):
        await fault.prove(real, memo)

    (one,) = await real.stressors.use(real.owner)

    assert score_of(one.pid) == "1000\n"
    assert os.getpriority(os.PRIO_PROCESS, one.pid) == os.nice(0) + 7
    # Where sessions share the processors, a priority within one means nothing.
    assert session_of(one.pid) in ("", "nice 7\n")


def session_of(pid: int) -> str:
    """Return how far a session gives way to others, where the kernel has that."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/autogroup").read_text("ascii")
        return text.partition(" ")[2]
    return ""


def score_of(pid: int) -> str:
    return Path(f"/proc/{pid}/oom_score_adj").read_text("ascii")


async def gone(look: Callable[[], Any]) -> None:
    with anyio.fail_after(10):
        while await look():  # noqa: ASYNC110 - the kernel tells nobody
            await anyio.sleep(0.01)


async def test_they_end_after_their_time(real: World) -> None:
    short = replace(real, extra={"ttl": 0.1})
    fault = HostCpu.model_validate({"cores": 1, "load": "10%"})

    await fault.inject(short, await fault.arm(short))

    await gone(lambda: real.stressors.left(real.owner))


STARTER = """
import anyio, os, signal, sys
from chaos_mcp.adapters.stress import Job, LocalStressors

async def main():
    await LocalStressors().start(sys.argv[1], [Job(60, load=0.05)])
    os.kill(os.getpid(), signal.SIGKILL)

anyio.run(main)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children so")
async def test_they_end_with_whoever_has_started_them(real: World) -> None:
    """Also when that is killed before they could be tied to it."""
    starter = [sys.executable, "-c", STARTER, real.owner]

    ended = await anyio.run_process(starter, check=False)

    assert ended.returncode == -signal.SIGKILL
    await gone(lambda: real.stressors.left(real.owner))


async def test_memory_that_others_need_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The stressor takes five chunks, then somebody else needs two of them."""
    free, now = [12 * stressor.CHUNK], [0.0]
    held: list[int] = []

    def fill(size: int) -> Any:
        free[0] -= size
        held.append(size)
        return Chunk(size)

    class Chunk(bytearray):
        def close(self) -> None:
            free[0] += len(self)
            held.pop()

    def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] < 2 * seconds:
            free[0] = 3 * stressor.CHUNK - 1

    monkeypatch.setattr(stressor, "_filled", fill)
    monkeypatch.setattr(stressor, "available", lambda _: free[0])
    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    job = {"bytes": 5 * stressor.CHUNK, "reserve": 5 * stressor.CHUNK, "limits": []}
    stressor.hold(job, 1.0)

    assert held == [stressor.CHUNK] * 2


@pytest.mark.parametrize(
    ("arguments", "taken"),
    [
        ({"size": "1 GiB"}, GIB),
        ({"to": "75%"}, 4 * GIB),
        ({"leave": "2 GiB"}, 6 * GIB),
    ],
    ids=str,
)
async def test_as_much_memory_is_taken_as_was_said(
    arguments: dict[str, Any], taken: int
) -> None:
    memo = await HostMemory.model_validate(arguments).arm(world_of(FakeStressors()))

    assert sum(bytes_in(memo)) == taken
    assert max(bytes_in(memo)) <= max(2 * GIB, taken // 4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"leave": "100 MiB"}, "would not leave the reserve of 819 MiB"),
        ({"size": "8 GiB"}, "would not leave the reserve"),
        ({"to": "100%"}, "would not leave the reserve"),
        ({"to": "50%"}, "there is no more memory than that: 8 GiB of 16 GiB are free"),
    ],
    ids=str,
)
async def test_the_reserve_stays(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultRefused, match=said):
        await HostMemory.model_validate(arguments).arm(world_of(FakeStressors()))


async def test_of_little_memory_a_quarter_stays() -> None:
    small = FakeStressors(total=64 * MIB, available=60 * MIB)

    memo = await HostMemory.model_validate({"size": "40 MiB"}).arm(world_of(small))

    assert [one["reserve"] for one in memo["jobs"]] == [16 * MIB]
    with pytest.raises(FaultRefused, match="reserve of 16 MiB"):
        await HostMemory.model_validate({"size": "50 MiB"}).arm(world_of(small))


async def test_it_is_said_that_a_cgroup_may_not_be_joined() -> None:
    with running() as shell:
        fault = ProcessCpu.model_validate({"pid": shell.pid, "cores": 2})
        memo = await fault.arm(world_of(FakeStressors()))

    said = "not joined: we may not write to /sys/fs/cgroup/theirs"
    assert memo["cgroup"] == said
    assert [(one["groups"], one["cpus"]) for one in memo["jobs"]] == [([], [1])] * 2


async def test_a_stressor_runs_where_its_target_may_run(real: World) -> None:
    one = min(os.sched_getaffinity(0))
    with running() as shell:
        os.sched_setaffinity(shell.pid, {one})
        fault = ProcessCpu.model_validate({"pid": shell.pid, "load": "10%"})
        memo = await fault.arm(real)
        await fault.inject(real, memo)
        with anyio.fail_after(10):
            await fault.prove(real, memo)
        (found,) = await real.stressors.use(real.owner)

        assert os.sched_getaffinity(found.pid) == {one}


async def proven(load: float, *uses: tuple[float, float]) -> Any:
    """Return what is proven if a stressor had run, and waited, for so long."""
    fake = FakeStressors(uses=[[Use(7, ran, waited, 0)] for ran, waited in uses])
    fault = HostCpu(load=load, cores=1)
    memo = await fault.arm(world_of(fake))
    with anyio.move_on_after(1):
        return await fault.prove(world_of(fake), memo)
    return None


async def test_one_that_others_leave_no_time_is_proven_by_its_waiting() -> None:
    evidence = await proven(1.0, (1.0, 0.0), (1.1, 0.3))

    assert evidence
    assert evidence["load"] < 0.5 < evidence["waited"]


async def test_more_than_was_asked_for_is_no_proof() -> None:
    assert await proven(0.5, (1.0, 0.0), (1.4, 0.0)) is None


async def test_one_that_does_not_run_is_no_proof() -> None:
    assert await proven(0.5, (1.0, 0.0), (1.0, 0.4)) is None


@pytest.mark.parametrize(
    "arguments", [{}, {"to": "50%", "size": "1 MiB"}, {"to": "0%"}], ids=str
)
def test_how_much_memory_is_said_in_one_way(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HostMemory.model_validate(arguments)
