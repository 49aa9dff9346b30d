"""A disk without inodes refuses new files, keeps its data, and gets them back."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from chaos_mcp.adapters.inodes import EACH, Inodes, LocalLitter
from chaos_mcp.errors import FaultRefused, UndoFailed
from chaos_mcp.faults.disk_inodes import DiskInodes
from tests.faults.disks import OWNER
from tests.faults.test_disk_mounted import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.adapters.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 1,000 inodes, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a disk")
    options = "size=16m,nr_inodes=1000"
    if done := said("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)):
        pytest.skip(f"needs to mount a disk: {done}")
    (place / "orders").write_text("an order")
    yield place
    said("umount", str(place))


def made(path: Path, **arguments: Any) -> DiskInodes:
    return DiskInodes.model_validate({"path": str(path), **arguments})


@pytest.mark.root
@pytest.mark.parametrize(
    ("how", "left"),
    [({"leave": 0}, 0), ({"leave": 30}, 30), ({"to": "90%"}, 100)],
    ids=str,
)
async def test_a_real_disk_is_hit_as_asked_and_gets_all_back(
    disk: Path, world: World, how: dict[str, Any], left: int
) -> None:
    before = os.statvfs(disk).f_favail
    fault = made(disk, **how)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    evidence = await fault.prove(world, memo)
    there = os.statvfs(disk).f_favail
    refused = file_is_refused(disk)
    await fault.undo(world, memo)

    assert abs(there - left) <= 2
    assert refused is (left == 0)
    assert evidence["free_inodes"] == there
    assert evidence.get("refused_files", 1) == 1
    assert (await fault.verify(world, memo))["free_inodes"] == before
    assert (disk / "orders").read_text() == "an order"
    assert not file_is_refused(disk)


def file_is_refused(disk: Path) -> bool:
    try:
        (disk / "new").touch()
    except OSError as error:
        return error.errno == errno.ENOSPC
    (disk / "new").unlink()
    return False


class Sized(LocalLitter):
    """A file system with as many inodes as a test wants."""

    def __init__(self, total: int, free: int) -> None:
        self.found = Inodes(total, free)

    async def inodes(self, path: str) -> Inodes:
        del path
        return self.found


@pytest.mark.parametrize(
    ("how", "found", "refused"),
    [
        ({"leave": 0}, (0, 0), "as it needs them"),
        ({"leave": 0}, (10**6, 10**6), "999998 files would have to be made"),
        ({"to": "50%"}, (1000, 400), "not so many inodes: 400 of 1000 are free"),
        ({"count": 500}, (1000, 400), "not so many inodes"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused(
    data: Path,
    world: World,
    how: dict[str, Any],
    found: tuple[int, int],
    refused: str,
) -> None:
    with pytest.raises(FaultRefused, match=refused):
        await made(data, **how).arm(replace(world, litter=Sized(*found)))


async def test_the_machines_own_file_systems_are_hit_a_little_at_most(
    data: Path, world: World
) -> None:
    keep = replace(world, keep=(str(data),), litter=Sized(10_000, 1000))

    with pytest.raises(FaultRefused, match="root-filesystem: true"):
        await made(data, count=101).arm(keep)
    assert (await made(data, count=100).arm(keep))["take"] == 100
    allowed = made(data, count=101, **{"root-filesystem": True})
    assert (await allowed.arm(keep))["take"] == 101


async def test_files_of_others_in_it_stay_and_are_told_of(
    data: Path, world: World
) -> None:
    fault = made(data, count=EACH // 1000)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    (data / memo["name"] / "0" / "somebody's").write_text("file")

    with pytest.raises(OSError, match="not empty"):
        await fault.undo(world, memo)
    with pytest.raises(UndoFailed, match="is still there"):
        await fault.verify(world, memo)

    assert (data / memo["name"] / "0" / "somebody's").read_text() == "file"


async def test_a_directory_that_says_it_is_anothers_is_left(
    data: Path, world: World
) -> None:
    fault = made(data, count=5)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    (data / memo["name"] / "README").write_text("mine")

    await fault.undo(world, memo)

    with pytest.raises(UndoFailed, match="is still there"):
        await fault.verify(world, memo)
    assert world.owner == OWNER


async def test_it_is_found_where_its_directory_was_renamed(
    data: Path, world: World
) -> None:
    fault = made(data, count=5)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    moved = data.with_name("moved")
    os.rename(data, moved)  # noqa: PTH104 - a moment

    await fault.undo(world, memo)

    assert [one.name for one in moved.iterdir()] == ["orders"]
    assert await fault.verify(world, memo) == {"files": "gone"}


@pytest.mark.parametrize("how", [{}, {"to": "50%", "count": 1}, {"count": 0}], ids=str)
def test_how_many_is_said_in_one_way(data: Path, how: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        made(data, **how)
