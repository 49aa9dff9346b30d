"""A process that may open nothing fails with EMFILE, and may again afterwards."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.adapters.descriptors import LocalDescriptors, bound, room
from chaos_mcp.adapters.processes import LocalProcesses
from chaos_mcp.adapters.world import World
from chaos_mcp.errors import FaultRefused, UndoFailed
from chaos_mcp.faults.file_descriptors import FileDescriptors
from tests.faults.stages import children_of, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.adapters.local import ProcessSeen
    from chaos_mcp.faults.base import Memo
    from chaos_mcp.machine.identity import Identity

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not LocalDescriptors().able(), reason="needs Linux: prlimit(2)"),
]
TRIES = """
import os, subprocess, sys
kept, null = [], open("/dev/null", "r+b", 0)
for line in sys.stdin:
    if line == "child\\n":
        child = subprocess.Popen(["sleep", "1000"], stdout=null, stdin=null)
        print(child.pid, flush=True)
        continue
    try:
        kept.append(os.open("/dev/null", os.O_RDONLY))
        print("opened", flush=True)
    except OSError as error:
        print(os.strerror(error.errno), flush=True)
"""


class Opener:
    """A process that opens a file whenever it is told to, and keeps it."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", TRIES]
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, start_new_session=True
        )

    def told(self, word: str = "open") -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def opener() -> Iterator[Opener]:
    made = Opener()
    assert made.told() == "opened"
    yield made
    made.close()


@given(st.frozensets(st.integers(0, 60)), st.integers(0, 20))
def test_the_bound_leaves_room_for_exactly_so_many(
    opened: frozenset[int], leave: int
) -> None:
    soft = bound(opened, leave)

    assert room(opened, soft) == leave


@pytest.mark.parametrize("leave", [0, 2])
async def test_it_fails_with_emfile_after_those_that_were_left(
    opener: Opener, leave: int
) -> None:
    world = World()
    pid = opener.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    fault = FileDescriptors.model_validate({"pid": pid, "leave": leave})
    memo = await fault.arm(world)

    await fault.inject(world, memo)
    evidence = await fault.prove(world, memo)
    said = [opener.told() for _ in range(leave + 2)]
    await fault.undo(world, memo)
    await fault.verify(world, memo)

    assert evidence["room"] == leave
    assert said == ["opened"] * leave + ["Too many open files"] * 2
    assert opener.told() == "opened"
    assert resource.prlimit(pid, resource.RLIMIT_NOFILE) == before


async def bounded(opener: Opener) -> tuple[FileDescriptors, Memo]:
    """Leave it so few descriptors that it can still have a child."""
    fault = FileDescriptors.model_validate({"pid": opener.process.pid, "leave": 20})
    memo = await fault.arm(World())
    await fault.inject(World(), memo)
    return fault, memo


async def test_a_child_that_has_inherited_the_bound_gets_the_old_one(
    opener: Opener,
) -> None:
    world = World()
    before = resource.prlimit(opener.process.pid, resource.RLIMIT_NOFILE)
    fault, memo = await bounded(opener)
    child = int(opener.told("child"))
    inherited = resource.prlimit(child, resource.RLIMIT_NOFILE)

    with pytest.raises(UndoFailed, match=f"still bounded: .*{child}"):
        await fault.verify(world, memo)
    await fault.undo(world, memo)

    assert inherited != before
    assert resource.prlimit(child, resource.RLIMIT_NOFILE) == before
    assert (await fault.verify(world, memo))["bounded"] == 0


class Late(LocalProcesses):
    """Lists the processes; one has a child just after it was listed."""

    def __init__(self, opener: Opener) -> None:
        super().__init__()
        self.opener = opener
        self.children: list[int] = []

    async def everyone(self) -> list[ProcessSeen]:
        """List them, and only then have the child."""
        listed = await super().everyone()
        if not self.children:
            self.children.append(int(self.opener.told("child")))
        return listed


async def test_a_child_born_while_the_undo_looks_gets_the_old_bound_too(
    opener: Opener,
) -> None:
    world = World()
    before = resource.prlimit(opener.process.pid, resource.RLIMIT_NOFILE)
    fault, memo = await bounded(opener)
    late = Late(opener)

    await fault.undo(replace(world, processes=late), memo)

    [child] = late.children
    assert resource.prlimit(child, resource.RLIMIT_NOFILE) == before
    assert (await fault.verify(world, memo))["bounded"] == 0


async def test_a_bound_that_somebody_else_has_set_meanwhile_is_left(
    opener: Opener,
) -> None:
    world, pid = World(), opener.process.pid
    fault = FileDescriptors.model_validate({"pid": pid})
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (77, hard))

    await fault.undo(world, memo)

    assert resource.prlimit(pid, resource.RLIMIT_NOFILE) == (77, hard)
    assert await fault.verify(world, memo) == {"bounded": 0, "running": 1}


async def test_it_is_refused_where_limits_cannot_be_changed() -> None:
    class Unable(LocalDescriptors):
        def able(self) -> bool:
            return False

    with pytest.raises(FaultRefused, match="only Linux"):
        await FileDescriptors(pid=7).arm(replace(World(), descriptors=Unable()))


async def test_what_we_may_not_look_into_is_refused() -> None:
    class Closed(LocalDescriptors):
        def open(self, who: Identity) -> frozenset[int]:
            raise PermissionError(13, "Permission denied", str(who.pid))

    with running() as shell:
        fault = FileDescriptors(pid=shell.pid, tree=False)
        with pytest.raises(FaultRefused, match="Permission denied"):
            await fault.arm(replace(World(), descriptors=Closed()))


async def test_a_child_that_ends_while_it_is_looked_at_is_left_out() -> None:
    with running() as shell:
        staying = children_of(shell.pid)[0]

        class Gone(LocalDescriptors):
            def open(self, who: Identity) -> frozenset[int]:
                if who.pid not in (shell.pid, staying):
                    raise FileNotFoundError(2, "No such file or directory")
                return super().open(who)

        world: Any = replace(World(), descriptors=Gone())
        fault = FileDescriptors(pid=shell.pid)
        for _ in range(20):
            memo = await fault.arm(world)
            pids = [one["pid"] for one in memo["processes"]]
            assert pids == [shell.pid, staying]
            assert len(memo["bounds"]) == 2
            await anyio.sleep(0.002)
