"""Control groups of both versions: where a process is, and what there is to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.adapters import cgroups, stressor
from chaos_mcp.adapters.world import World
from chaos_mcp.faults.process_cpu import ProcessCpu
from tests.faults.stages import running

if TYPE_CHECKING:
    from collections.abc import Iterator

GIB = 2**30
THEIRS = 4711
CPU = Path("/sys/fs/cgroup/cpu")


def second(root: Path, path: str, limit: str = "max", usage: int = 0) -> Path:
    """Make a group of version two."""
    group = root / path
    group.mkdir(parents=True, exist_ok=True)
    (group / "memory.max").write_text(limit)
    (group / "memory.current").write_text(str(usage))
    (group / "memory.stat").write_text("anon 5\ninactive_file 100\n")
    (group / "cgroup.procs").write_text("")
    (group / "cgroup.controllers").write_text("cpu memory")
    return group


def first(root: Path, path: str, limit: int = 2**63 - 4096, usage: int = 0) -> Path:
    """Make a group of version one."""
    group = root / "memory" / path
    group.mkdir(parents=True, exist_ok=True)
    (group / "memory.limit_in_bytes").write_text(str(limit))
    (group / "memory.usage_in_bytes").write_text(str(usage))
    stat = "inactive_file 1\ntotal_inactive_file 100\n"
    (group / "memory.stat").write_text(stat)
    (group / "cgroup.procs").write_text("")
    return group


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "cgroup"
    made.mkdir()
    return made


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Give a /proc with us, and with them."""
    made = tmp_path / "proc"
    for pid in (os.getpid(), THEIRS):
        (made / str(pid)).mkdir(parents=True)
    return made


def put(proc: Path, ours: str, theirs: str) -> None:
    (proc / str(os.getpid()) / "cgroup").write_text(ours)
    (proc / str(THEIRS) / "cgroup").write_text(theirs)


@pytest.mark.parametrize("make", [second, first])
def test_of_a_group_there_is_what_its_limit_leaves_and_its_cache(
    root: Path, make: Any
) -> None:
    group = make(root, "shop", "1000", 700)

    assert stressor.room(group) == 400
    assert stressor.available([str(group)]) == 400


@pytest.mark.parametrize("make", [second, first])
def test_a_group_without_a_limit_leaves_what_the_machine_has(
    root: Path, make: Any
) -> None:
    group = make(root, "shop")

    assert stressor.available([str(group)]) > GIB // 8


def test_the_group_of_another_is_to_be_joined_in_version_two(
    root: Path, proc: Path
) -> None:
    second(root, "")
    second(root, "ours")
    theirs = second(root, "shop/web")
    put(proc, "0::/ours\n", "0::/shop/web\n")

    assert cgroups.to_join(THEIRS, root, proc) == ([str(theirs)], "")
    assert cgroups.to_join(os.getpid(), root, proc) == ([], "")


def test_only_groups_that_differ_are_to_be_joined_in_version_one(
    root: Path, proc: Path
) -> None:
    theirs = first(root, "shop")
    first(root, "")
    (root / "cpu").mkdir()
    (root / "cpu" / "cgroup.procs").write_text("")
    put(proc, "2:cpu,cpuacct:/\n1:memory:/\n", "2:cpu,cpuacct:/\n1:memory:/shop\n")

    assert cgroups.to_join(THEIRS, root, proc) == ([str(theirs)], "")


def test_a_group_that_may_not_be_joined_is_named(
    root: Path, proc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second(root, "")
    theirs = second(root, "shop")
    put(proc, "0::/\n", "0::/shop\n")
    monkeypatch.setattr(os, "access", lambda *_: False)

    assert cgroups.to_join(THEIRS, root, proc) == ([], str(theirs))


def test_a_group_that_cannot_be_seen_from_here_is_left_out(
    root: Path, proc: Path
) -> None:
    put(proc, "0::/\n", "0::/../elsewhere\n")

    assert cgroups.to_join(THEIRS, root, proc) == ([], "")
    assert cgroups.limits(THEIRS, root, proc) == []
    assert cgroups.groups(1, root, proc) == {}


def test_limits_hold_for_all_groups_below(root: Path, proc: Path) -> None:
    second(root, "")
    shop = second(root, "shop", "5000")
    second(root, "shop/web")
    worker = second(root, "shop/web/worker", "3000")
    put(proc, "0::/\n", "0::/shop/web/worker\n")

    assert cgroups.limits(THEIRS, root, proc) == [str(worker), str(shop)]
    assert cgroups.limit(worker) == 3000


@pytest.fixture
def group() -> Iterator[Path]:
    """Give a real group of the first version."""
    made = CPU / f"chaos-test-{os.getpid()}"
    try:
        made.mkdir()
    except OSError:
        pytest.skip("needs a cgroup of the first version, and to be root")
    yield made
    made.rmdir()


@pytest.mark.anyio
@pytest.mark.root
async def test_a_stressor_joins_the_group_of_its_target(group: Path) -> None:
    world = World(owner=f"chaos-test-{os.getpid()}", extra={"ttl": 30.0})
    with running() as shell:
        (group / "cgroup.procs").write_text(str(shell.pid))
        fault = ProcessCpu.model_validate({"pid": shell.pid, "load": "10%"})
        memo = await fault.arm(world)
        try:
            await fault.inject(world, memo)
            with anyio.fail_after(10):
                evidence = await fault.prove(world, memo)
            (one,) = await world.stressors.use(world.owner)
            inside = (group / "cgroup.procs").read_text().split()
        finally:
            await fault.undo(world, memo)
    with anyio.fail_after(10):
        while (group / "cgroup.procs").read_text():  # noqa: ASYNC110 - the kernel is slow
            await anyio.sleep(0.01)

    assert evidence["cgroup"] == f"joined: {group}"
    assert str(one.pid) in inside
