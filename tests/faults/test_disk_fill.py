"""Filling disks: what is ours is removed, whatever happened, and nothing else is."""

# ruff: noqa: ASYNC240 - the files of a test do not keep anybody waiting

from __future__ import annotations

import errno
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest

from chaos_mcp.errors import FaultRefused, UndoFailed
from chaos_mcp.faults import disk_fill
from tests.faults.disks import BIG, GIB, MIB, NAME, OWNER, Rooms, fill, worlds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chaos_mcp.adapters.world import World

pytestmark = pytest.mark.anyio


async def test_somebody_elses_fill_is_not_added_to(data: Path, world: World) -> None:
    (data / ".chaos-fill-somebody").touch()

    with pytest.raises(FaultRefused, match=r"there is \.chaos-fill-somebody in .* alr"):
        await fill(data).arm(world)


async def test_it_refuses_where_we_may_not_write(
    data: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(FaultRefused, match="we may not write there"):
        await fill(data).arm(world)


async def test_a_file_is_no_directory(data: Path, world: World) -> None:
    with pytest.raises(FaultRefused, match="there is no directory"):
        await fill(data / "orders").arm(world)


def foreign_file(place: Path) -> None:
    place.write_bytes(b"somebody's accounts" * 100)


def namesake_of_another_run(place: Path) -> None:
    place.write_bytes(disk_fill.HEADER.format(owner="chaos-test-2").encode())


def link(place: Path) -> None:
    place.symlink_to(place.parent / "orders")


def link_to_a_copy(place: Path) -> None:
    copy = place.parent.parent / "copy"
    copy.write_text(disk_fill.HEADER.format(owner=OWNER))
    place.symlink_to(copy)


def folder(place: Path) -> None:
    place.mkdir()


def pipe(place: Path) -> None:
    os.mkfifo(place)


def content(place: Path) -> bytes:
    return place.read_bytes() if place.is_file() else b""


def untouched(place: Path) -> tuple[int, ...]:
    """Return what any change would change; when it was last read is none."""
    known = place.lstat()
    changes = known.st_mtime_ns, known.st_ctime_ns
    return (known.st_dev, known.st_ino, known.st_mode, known.st_size, *changes)


@pytest.mark.parametrize(
    "foreign",
    [foreign_file, namesake_of_another_run, link, link_to_a_copy, folder, pipe],
)
async def test_what_is_not_ours_is_never_touched(
    data: Path, world: World, foreign: Callable[[Path], None]
) -> None:
    memo = await fill(data).arm(world)
    foreign(data / NAME)
    before, behind = untouched(data / NAME), content(data / NAME)
    with pytest.raises(FileExistsError):
        await fill(data).inject(world, memo)

    with anyio.fail_after(5):
        await fill(data).undo(world, memo)

    assert untouched(data / NAME) == before
    assert content(data / NAME) == behind
    assert (data / "orders").stat().st_size == 1000
    with pytest.raises(UndoFailed, match="if its first line is not ours, it is not"):
        await fill(data).verify(world, memo)


@pytest.mark.parametrize(
    "found",
    [b"", b"chaos-mcp disk.fill chao", bytes(4096), b"chaos-mcp" + bytes(4096)],
    ids=["empty", "half a header", "zeros", "half a header and zeros"],
)
async def test_a_header_that_a_crash_has_torn_is_ours(
    data: Path, world: World, found: bytes
) -> None:
    memo = await fill(data).arm(world)
    (data / NAME).write_bytes(found)

    await fill(data).undo(world, memo)

    assert (await fill(data).verify(world, memo))["file"] == "gone"


async def test_somebody_else_may_have_removed_it_already(
    data: Path, world: World
) -> None:
    memo = await fill(data).arm(world)
    await fill(data).inject(world, memo)
    (data / NAME).unlink()

    await fill(data).undo(world, memo)

    assert (await fill(data).verify(world, memo))["file"] == "gone"


async def test_a_directory_that_was_renamed_is_found(data: Path, world: World) -> None:
    memo = await fill(data).arm(world)
    await fill(data).inject(world, memo)
    moved = data.rename(data.parent / "moved")
    with pytest.raises(UndoFailed, match="is still there"):
        await fill(data).verify(world, memo)

    await fill(data).undo(world, memo)

    assert {one.name for one in moved.iterdir()} == {"orders"}
    assert (await fill(data).verify(world, memo))["file"] == "gone"


async def test_a_directory_that_has_its_name_by_now_is_left_alone(
    data: Path, world: World
) -> None:
    memo = await fill(data).arm(world)
    data.rename(data.parent / "moved")
    data.mkdir()

    with pytest.raises(FileNotFoundError, match="the directory was replaced"):
        await fill(data).inject(world, memo)

    assert not [*data.iterdir()]


async def test_a_link_that_has_its_name_by_now_is_not_followed(
    data: Path, world: World
) -> None:
    memo = await fill(data).arm(world)
    await fill(data).inject(world, memo)
    moved = data.rename(data.parent / "moved")
    other = data.parent / "other"
    other.mkdir()
    (other / NAME).write_bytes((moved / NAME).read_bytes())
    data.symlink_to(other)

    await fill(data).undo(world, memo)

    assert (other / NAME).exists()
    assert not (moved / NAME).exists()


async def test_a_backup_that_has_it_open_does_not_keep_the_room(
    data: Path, world: World
) -> None:
    memo = await fill(data).arm(world)
    await fill(data).inject(world, memo)

    with (data / NAME).open("rb") as backup:
        await fill(data).undo(world, memo)

        assert os.fstat(backup.fileno()).st_blocks == 0


async def test_room_that_does_not_come_back_is_noticed(data: Path) -> None:
    files = Rooms()
    world = worlds(files=files)
    device = data.stat().st_dev
    files.rooms["data"] = replace(BIG, device=device)
    memo = await fill(data, leave="1 GiB").arm(world)
    files.rooms["data"] = replace(BIG, device=device, free=GIB)

    with pytest.raises(UndoFailed, match="39 GiB less are free than before: does a sn"):
        await fill(data).verify(world, memo)


async def test_what_others_have_written_meanwhile_raises_no_doubt(data: Path) -> None:
    files = Rooms()
    world = worlds(files=files)
    device = data.stat().st_dev
    files.rooms["data"] = replace(BIG, device=device)
    memo = await fill(data, leave="1 GiB").arm(world)
    files.rooms["data"] = replace(BIG, device=device, free=30 * GIB)

    assert await fill(data).verify(world, memo) == {
        "file": "gone",
        "free_bytes": 30 * GIB,
    }


@pytest.mark.parametrize("in_memory", [False, True])
async def test_a_disk_that_is_not_mounted_any_more_may_still_hold_it(
    data: Path, world: World, *, in_memory: bool
) -> None:
    memo = await fill(data).arm(world)
    away = {**memo, "device": -1, "identity": "0", "in_memory": in_memory}

    await fill(data).undo(world, away)

    if in_memory:
        assert (await fill(data).verify(world, away))["file"] == "gone"
    else:
        with pytest.raises(UndoFailed, match="is not mounted"):
            await fill(data).verify(world, away)


async def test_one_that_is_cancelled_stops_soon_and_is_undone(
    data: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_fill, "CHUNK", 4096)
    large = fill(data, size="1 GiB")
    memo = await large.arm(world)

    with anyio.fail_after(5), anyio.move_on_after(0.1) as cancelled:
        await large.inject(world, memo)
    left = (data / NAME).stat().st_size
    await large.undo(world, memo)

    assert cancelled.cancelled_caught
    assert left < GIB
    assert (await large.verify(world, memo))["file"] == "gone"
    assert {one.name for one in data.iterdir()} == {"orders"}


def unsupported(*_: object) -> None:
    raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


def pretended(file: int, offset: int, length: int) -> None:
    os.ftruncate(file, offset + length)


@pytest.mark.parametrize("instead", [unsupported, pretended, None])
async def test_where_room_cannot_be_had_ahead_it_is_written(
    data: Path,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    instead: Callable[..., None] | None,
) -> None:
    if instead is None:
        monkeypatch.delattr(os, "posix_fallocate")
    else:
        monkeypatch.setattr(os, "posix_fallocate", instead)
    written = fill(data, size="9 MiB")
    memo = await written.arm(world)

    await written.inject(world, memo)
    with anyio.fail_after(10):
        evidence = await written.prove(world, memo)

    assert evidence["taken_bytes"] >= 9 * MIB
    assert (data / NAME).stat().st_size == 9 * MIB


async def test_a_disk_that_fails_is_not_taken_for_a_full_one(
    data: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "posix_fallocate", broken)
    memo = await fill(data).arm(world)

    with pytest.raises(OSError, match="Input/output error"):
        await fill(data).inject(world, memo)


async def test_a_budget_counts_what_is_in_the_directory(
    data: Path, world: World
) -> None:
    budget = fill(data, within="4 MiB", leave="100 kB")
    memo = await budget.arm(world)

    await budget.inject(world, memo)
    with anyio.fail_after(5):
        evidence = await budget.prove(world, memo)

    held = sum(one.stat().st_size for one in data.iterdir())
    assert held == 4 * MIB - 100_000
    assert evidence["free_bytes"] == 100_000
