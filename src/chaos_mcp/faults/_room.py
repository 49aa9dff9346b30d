"""How much of a file system may be taken, and what must be left of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.errors import FaultRefused
from chaos_mcp.experiment.units import human_size

if TYPE_CHECKING:
    from chaos_mcp.adapters.local import Room
    from chaos_mcp.adapters.world import World

RESERVE = 2**26
SMALL = 0.05
"""The share of a small file system that is reserve enough."""
LARGE = 0.01
BOUNDED = 0.1
"""The share of what is free that a bounded fill may take anywhere."""
OF_MEMORY = 0.5
"""The share of what memory is free that a file system in memory may be made to take."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a fill takes and leaves, in bytes."""

    take: int
    reserve: int
    """What must stay free on the file system, whatever happens."""
    most: int | None
    """What may be free afterwards at most, as the target counts; None: no matter."""


def reserve(room: Room) -> int:
    """Return what stays free unless somebody says otherwise."""
    share = max(min(RESERVE, room.total * SMALL), room.total * LARGE)
    return int(share)


def demand(
    room: Room,
    budget: tuple[int, int] | None,
    to: float | None,
    leave: int | None,
    size: int | None,
) -> Demand:
    """Return what filling takes; `budget` has the size of a disk and what is used."""
    used, free = room.used, room.free
    kept = reserve(room) if leave is None or budget else leave
    if budget:
        used, free = budget[1], budget[0] - budget[1]
    if size is not None:
        return Demand(size, kept, None)
    if leave is None:
        leave = int((1 - (to or 0)) * (used + free))
    return Demand(free - leave, kept, leave)


async def check(
    world: World, room: Room, wanted: Demand, *, bounded: bool, anywhere: bool
) -> None:
    """Raise `FaultRefused` unless there is room for it, and nobody needs that room."""
    if room.read_only:
        raise FaultRefused("the file system is read-only")
    if wanted.take <= 0:
        raise FaultRefused(f"there is no more room than that: {_free(room)}")
    if room.free - wanted.take < wanted.reserve:
        raise FaultRefused(
            f"taking {human_size(wanted.take)} would not leave the reserve of "
            f"{human_size(wanted.reserve)}: {_free(room)}; `leave` may say less"
        )
    if room.in_memory:
        await _check_memory(world, wanted)
    if not anywhere and not (bounded and wanted.take <= room.free * BOUNDED):
        await vital(world, room)


async def _check_memory(world: World, wanted: Demand) -> None:
    memory = await world.files.memory()
    if wanted.take > memory * OF_MEMORY:
        raise FaultRefused(
            f"the file system is in memory, and taking {human_size(wanted.take)} of "
            f"the {human_size(memory)} that are free endangers the machine"
        )


async def vital(world: World, room: Room) -> None:
    """Raise `FaultRefused` if it is a file system on which the machine or we depend."""
    for path in (*world.files.vital(), *world.keep):
        with suppress(OSError):
            if room.shares(await world.files.room(path)):
                raise FaultRefused(
                    f"the file system of {path} would be filled: take a tenth of what "
                    "is free, at most, with `size` or `within`, or say "
                    "`root-filesystem: true`"
                )


def _free(room: Room) -> str:
    return f"{human_size(room.free)} of {human_size(room.total)} are free"
