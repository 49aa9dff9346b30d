"""Filling a whole disk: as full as asked, to its very end, and empty again."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import anyio
import pytest

from chaos_mcp.events import FaultFailed, FaultInjected
from tests.faults.disks import MIB, fill
from tests.running import only, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.adapters.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.root]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 32 MiB, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a disk")
    done = said("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place))
    if done:
        pytest.skip(f"needs to mount a disk: {done}")
    yield place
    said("umount", str(place))


def said(*command: str) -> str:
    """Return what a command complains of."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip()


def free(path: Path) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


@pytest.mark.parametrize(
    ("how", "left"),
    [
        ({"to": "90%"}, 3.2 * MIB),
        ({"leave": "2 MiB"}, 2 * MIB),
        ({"leave": "0 B"}, 0),
        ({"size": "20 MiB"}, 12 * MIB),
    ],
    ids=str,
)
async def test_a_real_disk_is_filled_as_asked_and_emptied_again(
    disk: Path, world: World, how: dict[str, str], left: float
) -> None:
    fault, before = fill(disk, **how), free(disk)
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    with anyio.fail_after(5):
        evidence = await fault.prove(world, memo)
    during = free(disk)

    await fault.undo(world, memo)

    assert abs(during - left) < 100_000
    assert evidence["free_bytes"] == during
    assert free(disk) == before
    assert (await fault.verify(world, memo))["free_bytes"] == before


async def test_a_full_disk_refuses_writes_and_does_not_stop_the_undo(
    disk: Path, world: World
) -> None:
    fault = fill(disk, leave="0 B")
    memo = await fault.arm(world)
    await fault.inject(world, memo)

    with pytest.raises(OSError, match="No space left on device"):
        (disk / "order").write_bytes(b"x" * 8192)
    evidence = await fault.prove(world, memo)
    await fault.undo(world, memo)
    (disk / "order").write_bytes(b"x" * 8192)

    assert evidence["refused_writes"] == 1


async def test_a_disk_that_can_only_be_written_to_is_filled_to_its_end(
    disk: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "posix_fallocate")
    fault = fill(disk, leave="0 B")
    memo = await fault.arm(world)

    await fault.inject(world, memo)
    with anyio.fail_after(5):
        evidence = await fault.prove(world, memo)

    assert free(disk) == 0
    assert evidence["refused_writes"] == 1


async def test_a_disk_that_others_fill_first_is_full_all_the_same(
    disk: Path, world: World
) -> None:
    fault = fill(disk, leave="0 B")
    memo = await fault.arm(world)
    (disk / "log").write_bytes(bytes(20 * MIB))

    await fault.inject(world, memo)

    assert (await fault.prove(world, memo))["free_bytes"] == 0


async def test_a_disk_that_was_unmounted_is_gone_if_it_was_memory(
    disk: Path, world: World
) -> None:
    memo = await fill(disk).arm(world)
    await fill(disk).inject(world, memo)
    assert memo["in_memory"]
    assert said("umount", str(disk)) == ""

    await fill(disk).undo(world, memo)

    assert await fill(disk).verify(world, memo) == {"file": "gone"}


def test_the_disk_that_the_run_writes_to_is_not_filled(disk: Path) -> None:
    full = {"fault": "disk.fill", "path": str(disk), "leave": "0 B", "for": "200ms"}

    result = run(disk, {"perturbations": [full]})

    (failed,) = only(result.reading.events, FaultFailed)
    assert f"the file system of {result.folder} would be filled" in failed.error
    assert result.verdict != "PASSED"


def test_not_even_a_full_disk_under_the_journal_stops_the_undo(disk: Path) -> None:
    full = {
        "fault": "disk.fill",
        "path": str(disk),
        "leave": "0 B",
        "for": "200ms",
        "root-filesystem": True,
    }
    before = free(disk)

    result = run(disk, {"perturbations": [full]})

    assert only(result.reading.events, FaultInjected)
    assert free(disk) > before - MIB
    assert not [one for one in disk.iterdir() if one.name.startswith(".chaos-fill")]
