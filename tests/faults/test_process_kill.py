"""What is killed is dead; the run starts again what it had started, and only that."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.adapters.world import World
from chaos_mcp.errors import InvalidExperiment, UndoFailed
from chaos_mcp.events import FaultArmed, FaultVerified, PartStarted, PartStopped
from chaos_mcp.faults.process_kill import ProcessKill
from chaos_mcp.runs import Options, validate
from tests.faults.fake_processes import FakeProcesses, world_of
from tests.faults.owned import BIG, FULL, NAME, own_system, resident
from tests.faults.stages import children_of, running, state_of
from tests.running import only, run, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio
STORE = {"name": "store", "command": ["python", "-m", "chaos_mcp.demo.store"]}
SYSTEM = {"processes": [STORE]}
SUPERVISES = "while :; do sleep 1000; done"
"""A shell that starts its child again whenever that has ended."""
ABANDONS = "sleep 1000; while :; do sleep 0.05; done"


def made(**arguments: Any) -> ProcessKill:
    return ProcessKill.model_validate(arguments)


def test_a_process_of_the_system_is_killed_and_started_again(tmp_path: Path) -> None:
    kill = {"fault": "process.kill", "process": "store", "for": "1s"}

    result = run(tmp_path, {"system": SYSTEM, "perturbations": [kill, kill]})

    events = result.reading.events
    parts = only(events, PartStarted)
    armed = only(events, FaultArmed)
    pids = [one.pid for one in parts]
    assert len({*pids}) == 3
    assert len({one.address for one in parts}) == 1
    assert len({str(one.detail["command"]) for one in parts if one.detail}) == 1
    assert [one.memo["processes"][0]["pid"] for one in armed] == pids[:2]
    assert [one.evidence["running"] for one in only(events, FaultVerified)] == pids[1:]
    assert [one.clean for one in only(events, PartStopped)] == [False, False, True]
    reasons = "\n".join(result.reading.outcome.reasons)
    assert reasons.count("process store was killed by process.kill") == 1
    assert "did not end as it should" not in reasons
    assert result.verdict == "PASSED"


def test_what_nobody_here_has_started_is_killed_only_where_that_is_allowed(
    tmp_path: Path,
) -> None:
    with running() as shell:
        kill = {"fault": "process.kill", "pid": shell.pid, "for": "1s"}
        path = write(tmp_path, {"perturbations": [kill]})

        with pytest.raises(InvalidExperiment, match="stays dead"):
            validate(path)
        with pytest.raises(InvalidExperiment, match="stays dead"):
            validate(path, Options(allow_irreversible=True))
        allowed = {"irreversible": True, "perturbations": [kill]}
        result = run(tmp_path, allowed, allow_irreversible=True)

        assert state_of(shell.pid) in "ZX"
        assert result.verdict == "PASSED"


async def test_children_that_are_born_meanwhile_die_as_well() -> None:
    processes = FakeProcesses()
    processes.born(7, session=7)
    processes.born(8, 7)
    fault, world = made(pid=7), world_of(processes)
    memo = await fault.arm(world)
    processes.born(9, 8, session=7)
    processes.born(10, 2)

    await fault.inject(world, memo)

    assert processes.sent == ["SIGKILL 7", "SIGKILL 8", "SIGKILL 9"]
    assert [*processes.alive] == [10]


async def test_what_is_only_just_dying_is_started_again(tmp_path: Path) -> None:
    async with own_system(tmp_path, BIG) as own:
        world = replace(World(), system=own.parts)
        fault = made(process=NAME, pid=own.pid, tree=False)
        with anyio.fail_after(30):
            while resident(own.pid) < FULL:  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.01)
        memo = await fault.arm(world)
        killed = own.pid

        with anyio.move_on_after(0) as cut_short:  # the signal is sent before
            await fault.inject(world, memo)
        await fault.undo(world, memo)

        assert cut_short.cancelled_caught
        assert own.pid != killed
        assert (await fault.verify(world, memo))["running"] == own.pid


async def test_what_a_supervisor_has_started_again_is_left_as_it_is(
    tmp_path: Path,
) -> None:
    async with own_system(tmp_path, SUPERVISES) as own:
        world = replace(World(), system=own.parts)
        fault = made(process=NAME, pid=own.pid, pattern="^sleep 1000$")
        memo = await armed_once_there(fault, world)
        await fault.inject(world, memo)
        with anyio.fail_after(10):
            await fault.prove(world, memo)
        before = own.pid

        await fault.undo(world, memo)

        assert await fault.verify(world, memo) == {"running": before, "matching": 1}
        assert own.pid == before


async def test_where_no_supervisor_does_the_whole_is_started_again(
    tmp_path: Path,
) -> None:
    async with own_system(tmp_path, ABANDONS) as own:
        world = replace(World(), system=own.parts)
        fault = made(process=NAME, pid=own.pid, pattern="^sleep 1000$")
        memo = await armed_once_there(fault, world)
        await fault.inject(world, memo)
        with pytest.raises(UndoFailed, match="0 of 1 processes run again"):
            await fault.verify(world, memo)
        before = own.pid

        await fault.undo(world, memo)

        assert own.pid != before
        with anyio.fail_after(10):
            while not children_of(own.pid):  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.01)
        assert (await fault.verify(world, memo))["matching"] == 1


async def armed_once_there(fault: ProcessKill, world: World) -> dict[str, Any]:
    """Arm a fault as soon as somebody matches: the system may only just have begun."""
    with anyio.fail_after(10):
        while not fault.matching(world):  # noqa: ASYNC110 - nobody tells
            await anyio.sleep(0.01)
    return await fault.arm(world)


async def test_one_that_died_by_itself_before_the_harm_is_not_started_again(
    tmp_path: Path,
) -> None:
    """Undoing a fault that was never injected changes nothing, whatever others did."""
    async with own_system(tmp_path, ABANDONS) as own:
        world = replace(World(), system=own.parts)
        fault = made(process=NAME, pid=own.pid, tree=False)
        memo = await fault.arm(world)
        before = own.pid
        for child in children_of(own.pid):
            os.kill(child, signal.SIGKILL)

        await fault.undo(world, memo)

        assert own.pid == before
