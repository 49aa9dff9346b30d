"""Processes by name, number or command line; none of those on which runs depend."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pydantic import ValidationError

from chaos_mcp.adapters.processes import LocalProcesses
from chaos_mcp.adapters.world import Bounds, World
from chaos_mcp.errors import FaultRefused, InvalidExperiment
from chaos_mcp.events import FaultArmed
from chaos_mcp.faults.process_pause import ProcessPause
from chaos_mcp.machine import index
from chaos_mcp.runs import Options, validate
from tests.faults.fake_processes import FakeProcesses, world_of
from tests.faults.stages import running
from tests.running import only, run, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
def processes() -> FakeProcesses:
    """Give a world with four workers, of which 23 started 24; and a shop."""
    made = FakeProcesses()
    for pid, parent in ((1, 0), (2, 1), (21, 2), (22, 2), (23, 2), (24, 23), (30, 2)):
        made.born(pid, parent)
        made.commands[pid] = "python worker.py" if 20 < pid < 30 else "python shop.py"
    return made


@pytest.fixture
def world(processes: FakeProcesses) -> World:
    return replace(world_of(processes), chance="1")


def made(**arguments: Any) -> ProcessPause:
    return ProcessPause.model_validate(arguments)


async def hit(fault: ProcessPause, world: World) -> list[int]:
    memo = await fault.arm(world)
    return [one["pid"] for one in memo["processes"]]


async def test_all_that_match_are_hit_where_that_is_said(world: World) -> None:
    fault = made(pattern=r"worker\.py", scope={"selection": "all"}, tree=False)

    assert sorted(await hit(fault, world)) == [21, 22, 23, 24]


async def test_who_is_hit_was_foreseen(world: World) -> None:
    fault = made(pattern="worker", scope={"percentage": "50%"}, tree=False)

    foreseen = fault.foresee(world)

    assert len(foreseen) == 2
    assert sorted(foreseen) == [
        f"pid:{pid} (p{pid})" for pid in sorted(await hit(fault, world))
    ]


async def test_the_draw_is_the_same_when_all_were_started_again(
    processes: FakeProcesses, world: World
) -> None:
    fault = made(pattern="worker", scope={"count": 1}, tree=False)
    (before,) = await hit(fault, world)
    later = FakeProcesses()
    for pid in (1, 2, 21, 22, 23, 24):
        later.born(pid + 500, 502)
        later.commands[pid + 500] = processes.commands[pid]

    (after,) = await hit(fault, replace(world_of(later), chance="1"))

    assert after == before + 500


async def test_what_a_process_of_the_system_has_started_is_one_target(
    world: World,
) -> None:
    only_one = replace(world, most=1)
    fault = made(process="pool", pid=23, pattern="worker", scope={"selection": "all"})

    assert fault.targets() == ("process:pool",)
    assert not fault.chooses()
    assert sorted(await hit(fault, only_one)) == [23, 24]


async def test_those_that_must_not_be_touched_are_not_drawn(
    processes: FakeProcesses, world: World
) -> None:
    processes.ours = frozenset({1, 2, 21})
    processes.forbidden = {22}
    processes.alive[23] = replace(processes.alive[23], state="T")
    fault = made(pattern="worker", scope={"selection": "all"})

    assert await hit(fault, world) == [24]


async def test_what_the_blast_radius_protects_by_name_is_not_drawn(
    world: World,
) -> None:
    kept = replace(world, bounds=Bounds(protect=("p21", "p2[23]", "store")))

    assert await hit(made(pattern="worker", scope={"selection": "all"}), kept) == [24]
    with pytest.raises(FaultRefused, match=r"22 .*protected by `blast-radius"):
        await made(pid=22).arm(kept)
    with pytest.raises(FaultRefused, match="'store' is protected by `blast-radius"):
        await made(process="store", pid=24).arm(kept)


async def test_the_dead_do_not_match(processes: FakeProcesses, world: World) -> None:
    for pid in (21, 22, 23, 24):
        processes.alive[pid] = replace(processes.alive[pid], state="Z")

    with pytest.raises(FaultRefused, match="there is no process matching 'worker'"):
        await made(pattern="worker").arm(world)


async def test_more_than_the_blast_radius_allows_is_refused_when_armed(
    world: World,
) -> None:
    fault = made(pattern="worker", scope={"count": 3})

    with pytest.raises(FaultRefused, match=r"3 targets would be hit: 2\d \(p2\d\), "):
        await fault.arm(replace(world, most=2))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"pattern": "worker("}, "no regular expression"),
        ({"pattern": "worker", "pid": 7}, "two ways to say which"),
        ({"pid": 7, "scope": {"count": 1}}, "`scope` goes with `pattern`"),
        ({"pattern": "worker", "scope": {}}, "say how many"),
    ],
    ids=str,
)
def test_who_is_meant_is_said_in_one_way(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        made(**arguments)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[str]:
    """Give a word that the command lines of three processes have."""
    word = f"worker-{tmp_path.name}-{os.getpid()}"
    script = f"exec -a {word} sleep 1000 & exec -a {word} sleep 1000 & sleep 1000"
    with (
        running(f"exec bash -c '{script}'"),
        running(f"exec bash -c 'exec -a {word} sleep 1000 & wait'"),
    ):
        every = made(pattern=f"^{word}", scope={"selection": "all"})
        end = time.monotonic() + 10
        while every.matching(World()) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        yield f"^{word}"


def frozen(pattern: str, **changes: Any) -> dict[str, Any]:
    fault = {"fault": "process.pause", "pattern": pattern, "for": "1s", **changes}
    return {"perturbations": [fault]}


def test_who_would_be_hit_is_known_before_anything_is_touched(
    tmp_path: Path, workers: str
) -> None:
    scope = {"selection": "all"}
    allowed = {**frozen(workers, scope=scope), "blast-radius": {"max-targets": 3}}
    tight = {**frozen(workers, scope=scope), "blast-radius": {"max-targets": 2}}

    (harm,) = validate(write(tmp_path, allowed)).steps
    with pytest.raises(InvalidExperiment) as refused:
        validate(write(tmp_path, tight))

    targets = getattr(harm, "targets", ())
    assert len(targets) == 3
    assert "3 targets would be hit: " in str(refused.value)
    assert all(one.removeprefix("pid:") in str(refused.value) for one in targets)


def test_several_that_match_are_not_hit_unless_somebody_says_how_many(
    tmp_path: Path, workers: str
) -> None:
    with pytest.raises(InvalidExperiment, match=r"3 match .*; say how many by `scope`"):
        validate(write(tmp_path, frozen(workers)))


def test_the_seed_draws_who_is_hit(tmp_path: Path, workers: str) -> None:
    experiment = frozen(workers, scope={"count": 1})
    path = write(tmp_path, experiment)

    result = run(tmp_path, experiment, seed=7)

    (harm,) = validate(path, Options(seed=7)).steps
    (armed,) = only(result.reading.events, FaultArmed)
    (one,) = armed.memo["processes"]
    assert getattr(harm, "targets", ()) == (f"pid:{one['pid']} (sleep)",)
    assert result.verdict == "PASSED"


def test_that_nobody_matches_is_no_mistake_before_the_system_runs(
    tmp_path: Path,
) -> None:
    (harm,) = validate(write(tmp_path, frozen("nobody-is-called-so"))).steps

    assert getattr(harm, "targets", ()) == ("pattern:nobody-is-called-so",)


GUARDIAN = "import time; time.sleep(1000)"


@pytest.fixture
def guardian() -> Iterator[int]:
    """Give the number of a process that is called as a guardian is."""
    command = [sys.executable, "-c", GUARDIAN, "-m", "chaos_mcp.engine.guardian"]
    with subprocess.Popen(command) as process:
        yield process.pid
        process.kill()


async def test_the_guardian_of_a_run_is_left_alone(guardian: int) -> None:
    with anyio.fail_after(10):
        while guardian not in LocalProcesses().protected():  # noqa: ASYNC110 - it starts
            await anyio.sleep(0.005)

    with pytest.raises(FaultRefused, match="it is the guardian of a run"):
        await made(pid=guardian).arm(World())


async def test_the_runner_of_another_run_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path))
    with running() as shell:
        entry = index.entry_of_us("theirs", tmp_path, "", 1.0, signals=False)
        who = LocalProcesses().look(shell.pid)
        assert who
        index.register(replace(entry, runner=who.who))

        with pytest.raises(FaultRefused, match="it carries out the run theirs"):
            await made(pid=shell.pid).arm(World())
