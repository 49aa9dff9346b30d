"""How much of a disk is taken, and when that is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chaos_mcp.adapters.local import Room
from chaos_mcp.errors import FaultRefused
from chaos_mcp.faults import disk_fill
from chaos_mcp.faults._room import demand, reserve
from chaos_mcp.faults.disk_fill import DiskFill
from tests.faults.disks import BIG, GIB, MIB, NAME, Rooms, fill, worlds

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.adapters.local import Place
    from chaos_mcp.adapters.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"to": "90%", "leave": "1 MiB"},
        {"to": "90%", "size": "1 MiB"},
        {"size": "1 MiB", "within": "2 MiB"},
    ],
)
def test_how_much_is_said_in_one_way(how: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"by one of|`within` goes with"):
        DiskFill.model_validate({"path": "/x", **how})


@pytest.mark.parametrize(
    ("how", "take"),
    [
        ({"to": "90%"}, 30 * GIB),
        ({"leave": "10 GiB"}, 30 * GIB),
        ({"leave": "0 B"}, 40 * GIB),
        ({"size": "3 GiB"}, 3 * GIB),
        ({"within": "1 MiB", "to": "50%"}, MIB // 2 - 1000),
        ({"within": "1 MiB", "leave": "1 kB"}, MIB - 2000),
    ],
    ids=str,
)
async def test_what_is_taken_is_settled_before(
    data: Path, how: dict[str, str], take: int
) -> None:
    memo = await fill(data, **how).arm(worlds())

    assert abs(memo["take"] - take) <= 1


sizes = st.integers(min_value=0, max_value=2**45)


@given(sizes, sizes, st.floats(0, 1))
def test_what_is_taken_and_what_is_left_is_what_there_was(
    used: int, free: int, to: float
) -> None:
    room = Room(used + free, used, free, 0, "ext4", "a", 1)

    wanted = demand(room, None, to, None, None)

    assert wanted.most is not None
    assert wanted.take + wanted.most == free
    assert wanted.most == pytest.approx((1 - to) * (used + free), abs=1)
    assert room.total * 0.01 <= reserve(room) + 1
    assert reserve(room) <= max(64 * MIB, room.total * 0.01)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"to": "99.5%"}, "would not leave the reserve of 1 GiB: 40 GiB of 100 GiB"),
        ({"size": "39.5 GiB"}, "taking 39.5 GiB would not leave the reserve"),
        ({"size": "50 GiB"}, "would not leave the reserve"),
        ({"to": "60%"}, "there is no more room than that: 40 GiB of 100 GiB are free"),
        ({"leave": "41 GiB"}, "there is no more room than that"),
        ({"within": "10 B", "leave": "0 B"}, "there is no more room than that"),
        ({"within": "39.5 GiB", "leave": "0 B"}, "would not leave the reserve"),
    ],
    ids=str,
)
async def test_it_refuses_what_leaves_too_little_or_is_so_already(
    data: Path, how: dict[str, str], said: str
) -> None:
    with pytest.raises(FaultRefused, match=said):
        await fill(data, **how).arm(worlds())

    assert not (data / NAME).exists()


async def test_less_than_the_reserve_is_left_only_if_that_is_said(data: Path) -> None:
    memo = await fill(data, leave="1 MiB").arm(worlds())

    assert memo["reserve"] == MIB


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (replace(BIG, device=-2), "the file system of / would be filled"),
        (replace(BIG, read_only=True), "the file system is read-only"),
        (replace(BIG, kind="tmpfs"), "is in memory, and taking 30 GiB of the 50 GiB"),
    ],
    ids=["root", "read-only", "memory"],
)
async def test_it_refuses_what_the_machine_needs(
    data: Path, room: Room, said: str
) -> None:
    world = worlds(files=Rooms(available=50 * GIB), data=room)

    with pytest.raises(FaultRefused, match=said):
        await fill(data, leave="10 GiB").arm(world)


async def test_it_refuses_what_the_run_itself_needs(data: Path, tmp_path: Path) -> None:
    world = replace(worlds(), keep=(str(tmp_path / "run"),))

    with pytest.raises(FaultRefused, match=r"the file system of .*/run would be"):
        await fill(data, leave="10 GiB").arm(world)


async def test_volumes_of_one_pool_are_one_file_system(
    data: Path, tmp_path: Path
) -> None:
    other = replace(BIG, device=-3, free=BIG.free - MIB)
    world = replace(worlds(run=other), keep=(str(tmp_path / "run"),))

    with pytest.raises(FaultRefused, match=r"the file system of .*/run would be"):
        await fill(data, leave="10 GiB").arm(world)


@pytest.mark.parametrize(
    "how",
    [
        {"leave": "10 GiB", "root-filesystem": True},
        {"size": "4 GiB"},
        {"within": "4 GiB", "leave": "0 B"},
    ],
    ids=str,
)
async def test_what_the_machine_needs_is_filled_if_told_so_or_in_bounds(
    data: Path, how: dict[str, Any]
) -> None:
    world = worlds(data=replace(BIG, device=-2))

    assert (await fill(data, **how).arm(world))["take"] > 0


async def test_bounds_of_more_than_a_tenth_are_none(data: Path) -> None:
    world = worlds(data=replace(BIG, device=-2))

    with pytest.raises(FaultRefused, match="take a tenth of what is free, at most"):
        await fill(data, size="4.1 GiB").arm(world)


async def test_it_stops_at_the_reserve_whoever_takes_room_meanwhile(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_fill, "CHUNK", MIB)
    files = Rooms()
    world = worlds(files=files)
    memo = await fill(data, leave="39 GiB").arm(world)
    grow = files.grow

    async def grow_while_others_write(*arguments: Any) -> int:
        left = files.rooms.get("data", BIG).free
        files.rooms["data"] = replace(BIG, free=max(39 * GIB, left - 300 * MIB))
        return await grow(*arguments)

    monkeypatch.setattr(files, "grow", grow_while_others_write)
    await fill(data, leave="39 GiB").inject(world, memo)

    assert (data / NAME).stat().st_size < 10 * MIB


async def test_what_cannot_be_had_at_once_is_had_in_smaller_parts(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Rooms()
    world = worlds(files=files)
    memo = await fill(data, size="9 MiB").arm(world)
    grow = files.grow

    async def grow_a_little(place: Place, name: str, size: int) -> int:
        now = (data / name).stat().st_size
        return await grow(place, name, size) if size - now < 2 * MIB else now

    monkeypatch.setattr(files, "grow", grow_a_little)
    await fill(data, size="9 MiB").inject(world, memo)

    assert (data / NAME).stat().st_size == 9 * MIB


async def test_a_disk_that_takes_writes_is_not_full(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says of itself; root alone may have room where others have none."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    files = Rooms()
    world = worlds(files=files)
    files.rooms["data"] = replace(BIG, free=MIB)
    memo = await fill(data, leave="0 B").arm(world)
    files.rooms["data"] = replace(BIG, free=0)
    await fill(data, leave="0 B").inject(world, memo)

    with anyio.move_on_after(0.3) as waiting:
        await fill(data, leave="0 B").prove(world, memo)

    assert waiting.cancelled_caught


@pytest.mark.parametrize(
    ("how", "claims"),
    [
        ({"leave": "10 GiB"}, "disk:{device}"),
        ({"size": "1 GiB"}, "directory:{data}"),
        ({"within": "1 GiB", "to": "90%"}, "directory:{data}"),
    ],
    ids=str,
)
async def test_two_runs_cannot_fill_one_disk(
    data: Path, how: dict[str, str], claims: str
) -> None:
    """But each may take its bounded part of it."""
    fault, world = fill(data, **how), worlds()
    memo = await fault.arm(world)

    claimed = fault.claims(world, memo)

    assert claimed == (claims.format(device=memo["device"], data=data),)


async def test_whoever_makes_room_at_once_was_hit_all_the_same(
    data: Path, world: World
) -> None:
    """As a shop does that throws its ballast off."""
    budget = fill(data, within="4 MiB", leave="0 B")
    (data / "ballast").write_bytes(bytes(MIB))
    memo = await budget.arm(world)
    await budget.inject(world, memo)
    (data / "ballast").unlink()

    with anyio.fail_after(5):
        evidence = await budget.prove(world, memo)

    assert evidence["free_bytes"] == MIB
