"""Freezing processes: what it refuses, whom it lets go, whom it leaves alone."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pydantic import ValidationError

from chaos_mcp.adapters.processes import LocalProcesses
from chaos_mcp.adapters.world import World
from chaos_mcp.errors import ActivityFailed, FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.faults.process_pause import ProcessPause
from tests.faults.fake_processes import FakeProcesses, world_of
from tests.faults.stages import SOON, children_of, running, state_of

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.adapters.local import ProcessSeen

pytestmark = pytest.mark.anyio
PAUSE = ProcessPause(pid=7)


@pytest.fixture
def processes() -> FakeProcesses:
    """Give a world in which 7 has a child 8, which has a child 9."""
    found = FakeProcesses()
    found.born(7, session=7)
    found.born(8, parent=7)
    found.born(9, parent=8)
    found.born(20)
    return found


@pytest.fixture
def world(processes: FakeProcesses) -> World:
    return world_of(processes)


async def test_parents_stop_before_their_children_and_go_on_after_them(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)

    await PAUSE.inject(world, memo)
    await PAUSE.undo(world, memo)

    stops = ["stop 7", "stop 8", "stop 9"]
    assert processes.sent == [*stops, "resume 9", "resume 8", "resume 7"]


async def test_one_process_alone_stops_where_that_is_asked_for(
    processes: FakeProcesses, world: World
) -> None:
    alone = ProcessPause(pid=7, tree=False)
    memo = await alone.arm(world)

    await alone.inject(world, memo)
    processes.born(10, parent=7)
    await alone.undo(world, memo)

    assert processes.sent == ["stop 7", "resume 7"]


async def test_a_reused_pid_is_left_alone(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    await PAUSE.inject(world, memo)
    processes.now += 3600
    processes.born(8, parent=2, state="T")
    processes.sent.clear()

    await PAUSE.undo(world, memo)

    assert processes.sent == ["resume 9", "resume 7"]
    assert await PAUSE.verify(world, memo) == {"stopped": 0, "running": 2}


async def test_whoever_has_the_number_by_now_is_not_stopped_either(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    processes.born(7)

    with pytest.raises(ActivityFailed, match="the process 7 is gone"):
        await PAUSE.inject(world, memo)

    assert processes.sent == []


async def test_a_session_that_has_the_number_by_now_is_left_alone(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    del processes.alive[8], processes.alive[9]
    processes.born(7, session=7, state="T")
    processes.born(30, session=7, state="T")

    await PAUSE.undo(world, memo)

    assert processes.sent == []


async def test_a_child_that_is_born_while_its_parent_is_stopped_stops_as_well(
    processes: FakeProcesses, world: World
) -> None:
    """And undoing knows it, though the memo was written before it was born."""

    def fork(pid: int) -> None:
        if pid in (7, 10, 11):
            processes.born({7: 10, 10: 11, 11: 12}[pid], parent=pid)

    processes.on_stop = fork
    memo = await PAUSE.arm(world)

    await PAUSE.inject(world, memo)
    stopped = {pid for pid, one in processes.alive.items() if one.state == "T"}
    await PAUSE.undo(world, memo)

    assert stopped == {7, 8, 9, 10, 11, 12}
    assert not any(one.state == "T" for one in processes.alive.values())


async def test_such_a_child_is_let_go_even_when_its_parent_was_killed(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    processes.born(10, parent=7, session=7)
    await PAUSE.inject(world, memo)
    orphan = processes.alive[10]
    del processes.alive[7]
    processes.alive[10] = replace(orphan, parent=1)

    await PAUSE.undo(world, memo)

    assert processes.alive[10].state == "S"


async def test_a_child_of_later_that_somebody_else_stopped_is_left_alone(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    processes.now += 3600
    processes.born(10, parent=7, state="T")

    await PAUSE.undo(world, memo)

    assert "resume 10" not in processes.sent


async def test_an_older_one_that_is_adopted_meanwhile_is_left_alone(
    processes: FakeProcesses, world: World
) -> None:
    older = processes.born(10, parent=20, state="T")
    processes.now += 1
    memo = await PAUSE.arm(world)
    processes.alive[10] = replace(older, parent=7)

    await PAUSE.inject(world, memo)
    await PAUSE.undo(world, memo)

    assert not {"stop 10", "resume 10"} & {*processes.sent}


async def test_one_that_cannot_be_let_go_does_not_keep_the_others(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    await PAUSE.inject(world, memo)
    processes.forbidden = {9}

    with pytest.raises(UndoFailed, match="the process 9 could not be let go"):
        await PAUSE.undo(world, memo)

    assert processes.sent[-2:] == ["resume 8", "resume 7"]


async def test_one_that_stays_stopped_is_named(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    await PAUSE.inject(world, memo)
    processes.deaf = {8}
    await PAUSE.undo(world, memo)

    with pytest.raises(UndoFailed, match=r"still stopped: 8$"):
        await PAUSE.verify(world, memo)


async def test_numbers_of_another_container_are_not_taken_for_ours(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    await PAUSE.inject(world, memo)
    processes.sent.clear()
    processes.namespace = "pid:[2]"

    with pytest.raises(UndoFailed, match=r"another namespace \(pid:\[1\]\)"):
        await PAUSE.undo(world, memo)
    with pytest.raises(UndoFailed, match="another namespace"):
        await PAUSE.verify(world, memo)

    assert processes.sent == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "T"}, r"9 \(p9\) is left alone: somebody has stopped it"),
        ({"state": "t"}, r"9 \(p9\) is left alone: somebody has stopped it"),
        ({"kernel": True}, r"9 \(p9\) is left alone: it is a thread of the kernel"),
    ],
    ids=["stopped", "traced", "kernel"],
)
async def test_it_refuses_a_family_of_which_one_is_not_ours_to_stop(
    processes: FakeProcesses, world: World, changes: dict[str, Any], said: str
) -> None:
    processes.born(9, **{"parent": 8, **changes})

    with pytest.raises(FaultRefused, match=said):
        await PAUSE.arm(world)


async def test_a_child_that_is_dead_and_not_buried_is_left_out(
    processes: FakeProcesses, world: World
) -> None:
    processes.born(9, parent=8, state="Z")

    memo = await PAUSE.arm(world)

    assert [one["pid"] for one in memo["processes"]] == [7, 8]


async def test_it_refuses_what_is_somebody_elses(
    processes: FakeProcesses, world: World
) -> None:
    processes.forbidden = {9}

    with pytest.raises(FaultRefused, match=r"9 \(p9\) is left alone: we may not"):
        await PAUSE.arm(world)


async def test_it_refuses_a_family_that_we_are_of(
    processes: FakeProcesses, world: World
) -> None:
    processes.ours = frozenset({1, 7, 8})

    with pytest.raises(FaultRefused, match=r"process 7 \(p7\) .* our own life"):
        await PAUSE.arm(world)


@pytest.mark.parametrize("who", ["first", "ourselves", "parent"])
async def test_the_first_process_ourselves_and_our_parent_are_safe(who: str) -> None:
    pid = {"first": 1, "ourselves": os.getpid(), "parent": os.getppid()}[who]

    with pytest.raises(FaultRefused, match="our own life depends on"):
        await ProcessPause(pid=pid).arm(World())


@pytest.mark.skipif(
    not LocalProcesses().look(2), reason="needs to see threads of the kernel"
)
async def test_threads_of_the_kernel_are_safe() -> None:
    with pytest.raises(FaultRefused, match="is a thread of the kernel"):
        await ProcessPause(pid=2).arm(World())


async def test_a_thread_is_no_process() -> None:
    """Signals to a thread's number would reach the whole of its process."""
    import threading  # noqa: PLC0415 - for this only

    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    number = thread.native_id
    try:
        with pytest.raises(FaultRefused, match=f"there is no process {number}"):
            await ProcessPause(pid=number).arm(World())
    finally:
        done.set()
        thread.join()


async def test_somebody_has_to_say_which() -> None:
    with pytest.raises(ValidationError, match="say which"):
        ProcessPause()
    with pytest.raises(FaultRefused, match="nobody says which process 'worker' is"):
        await ProcessPause(process="worker").arm(World())


async def test_two_runs_cannot_freeze_one_process(world: World) -> None:
    """Whatever each of them calls it: what they claim is the process itself."""
    named = ProcessPause(process="worker", pid=7)

    ours = named.claims(world, await named.arm(world))
    theirs = ProcessPause(pid=8).claims(world, await ProcessPause(pid=8).arm(world))

    assert set(ours) > set(theirs)
    assert theirs[0] == "process:8 of 102.0"


async def test_it_is_not_proven_by_the_dead(
    processes: FakeProcesses, world: World
) -> None:
    memo = await PAUSE.arm(world)
    await PAUSE.inject(world, memo)
    processes.alive.clear()

    with pytest.raises(FaultUnproven, match="none of the processes is left"):
        await PAUSE.prove(world, memo)


async def test_it_is_not_proven_while_one_of_them_uses_the_processor(
    processes: FakeProcesses, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    memo = await PAUSE.arm(world)
    await PAUSE.inject(world, memo)
    look, looks = processes.look, iter(range(1000))

    def busy(pid: int) -> ProcessSeen | None:
        one = look(pid)
        return one and replace(one, cpu=next(looks) / 100)

    monkeypatch.setattr(processes, "look", busy)
    with anyio.move_on_after(0.3) as waiting:
        await PAUSE.prove(world, memo)

    assert waiting.cancelled_caught


@pytest.fixture(params=["proc", "psutil"])
def local(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """Give the real world, seen by `/proc` and as where there is none."""
    return World(
        processes=LocalProcesses(tmp_path)
        if request.param == "psutil"
        else LocalProcesses()
    )


FORKS = "while :; do sh -c 'sh -c : & wait'; done"
BURNS = "while :; do :; done & while :; do :; done"


@pytest.mark.parametrize("script", [FORKS, BURNS], ids=["forks", "burns"])
async def test_nothing_of_a_busy_family_runs_while_it_is_frozen(
    script: str, local: World
) -> None:
    with running(script) as shell:
        fault = ProcessPause(pid=shell.pid)
        memo = await fault.arm(local)
        await fault.inject(local, memo)
        with anyio.fail_after(SOON):
            evidence = await fault.prove(local, memo)
        frozen = [
            one for one in await local.processes.everyone() if one.session == shell.pid
        ]
        await fault.undo(local, memo)
        await fault.verify(local, memo)
        left = [
            one for one in await local.processes.everyone() if one.session == shell.pid
        ]

    assert evidence["stopped"] >= 1
    assert {one.state for one in frozen} <= {"T", "D", "Z"}
    assert "T" not in {one.state for one in left}


async def test_somebody_else_may_have_let_it_go_already(local: World) -> None:
    with running() as shell:
        fault = ProcessPause(pid=shell.pid)
        memo = await fault.arm(local)
        await fault.inject(local, memo)
        os.killpg(shell.pid, signal.SIGCONT)

        await fault.undo(local, memo)

        assert (await fault.verify(local, memo))["stopped"] == 0
        assert state_of(shell.pid) not in "Tt"


async def test_the_dead_are_refused_before_they_are_buried(local: World) -> None:
    with running("sleep 0 & exec sleep 1000") as shell:
        (child,) = children_of(shell.pid)
        with anyio.fail_after(SOON):
            while state_of(child) != "Z":  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.005)

        with pytest.raises(FaultRefused, match="is dead already"):
            await ProcessPause(pid=child).arm(local)


async def test_the_dead_do_not_wait_for_a_stop_any_more(tmp_path: Path) -> None:
    """Whatever signals were on their way to them."""
    for name in ("self", str(os.getpid())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stat").write_text(f"1 (sh) Z{' 0' * 49}")
        (tmp_path / name / "status").write_text("ShdPnd:\t0000000000040000\n")
    seen = LocalProcesses(tmp_path)

    one = seen.look(os.getpid())
    assert one
    assert not seen.stopped(one.who)


async def test_a_name_with_brackets_and_line_ends_is_read(tmp_path: Path) -> None:
    program = tmp_path / "a) T 1\n("
    program.symlink_to("/bin/sleep")
    with running(f"exec '{program}' 1000 & wait") as shell:
        (child,) = children_of(shell.pid)
        with anyio.fail_after(SOON):
            while named(child) == "sh":  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.005)
        one = LocalProcesses().look(child)

    assert one
    assert (one.name, one.parent, one.session) == ("a) T 1\n(", shell.pid, shell.pid)
    assert one.state in "SDR"


def named(pid: int) -> str:
    one = LocalProcesses().look(pid)
    return one.name if one else ""


def test_signals_reach_exactly_the_process_that_was_seen(local: World) -> None:
    with running("sleep 1000 & exec sleep 1000") as shell:
        one = local.processes.look(shell.pid)
        assert one
        other = replace(one.who, birth=f"{one.who.birth}1")

        assert not local.processes.send(other, signal.SIGSTOP)
        assert local.processes.send(one.who, signal.SIGSTOP)
        while state_of(one.pid) != "T":  # the kernel stops it when it next can
            pass
        assert local.processes.stopped(one.who)
        assert not local.processes.stopped(other)
        assert not local.processes.send(other, signal.SIGCONT)
        assert state_of(one.pid) == "T"
        assert local.processes.send(one.who, signal.SIGCONT)


SPAWN = """
import os, sys
wait = [(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)]
os.posix_spawn("/bin/true", ["true"], {}, file_actions=wait)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
async def test_a_stop_that_is_on_its_way_counts_as_one(tmp_path: Path) -> None:
    """A process that waits in the kernel, here for a child of `vfork`, stops later."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "spawn.py").write_text(SPAWN)
    script = f"exec {sys.executable} {tmp_path}/spawn.py {tmp_path}/pipe"
    with running(script) as parent:
        with anyio.fail_after(SOON):
            while state_of(parent.pid) != "D":  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.005)
        fault, world = ProcessPause(pid=parent.pid), World()
        memo = await fault.arm(world)
        await fault.inject(world, memo)

        with anyio.fail_after(SOON):
            assert (await fault.prove(world, memo))["stopped"] == 2
        assert state_of(parent.pid) == "D"
        with pytest.raises(UndoFailed, match=f"still stopped: {parent.pid}"):
            await fault.verify(world, memo)
        await fault.undo(world, memo)
        assert (await fault.verify(world, memo))["running"] == 2


def test_what_is_somebody_elses_is_seen_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(pid: int, number: int) -> None:
        assert number == 0
        raise {1: PermissionError, 2: ProcessLookupError}[pid]

    monkeypatch.setattr(os, "kill", kill)

    assert not LocalProcesses().allowed(1)
    assert LocalProcesses().allowed(2)


def test_signals_are_sent_where_processes_have_no_handles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    processes = LocalProcesses()
    with running("sleep 1000 & exec sleep 1000") as shell:
        one = processes.look(shell.pid)
        assert one

        assert processes.send(one.who, signal.SIGSTOP)
        assert processes.stopped(one.who)
        assert processes.send(one.who, signal.SIGCONT)
        shell.kill()
        shell.wait()
        assert not processes.send(one.who, signal.SIGCONT)
