"""A small world of doors that faults open, and faults that misbehave on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import anyio

from chaos_mcp.adapters.world import World
from chaos_mcp.errors import ActivityFailed, FaultRefused, PartMissing, UndoFailed
from chaos_mcp.faults.base import Fault, Memo
from chaos_mcp.plan.model import Harm

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.experiment.substitute import Scope


@dataclass
class Doors:
    """Which doors stand open, and what has happened to them."""

    opened: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    undo_fails: dict[str, int] = field(default_factory=dict)
    """How often closing a door fails first."""
    stuck: set[str] = field(default_factory=set)
    """Doors that say that they are closed, and are not."""
    late: set[str] = field(default_factory=set)
    """Doors that nobody answers for, and that open when they have been closed."""
    refuses: set[str] = field(default_factory=set)
    slow: float = 0.0
    """Seconds that opening takes, after the door is open."""
    on_inject: Callable[[], None] | None = None
    breaks: BaseException | None = None


class OpenDoor(Fault):
    """Open a door that should be closed."""

    kind: ClassVar[str] = "door.open"
    example: ClassVar[str] = "fault: door.open"
    undo_in_words: ClassVar[str] = "close the door"
    lands_late: ClassVar[float] = 0.01

    door: str

    def targets(self) -> tuple[str, ...]:
        return (f"door:{self.door}",)

    async def arm(self, world: World) -> Memo:
        if self.door in doors_of(world).refuses:
            raise FaultRefused(f"{self.door} is open already")
        return {"door": self.door}

    async def inject(self, world: World, memo: Memo) -> None:
        doors = doors_of(world)
        if doors.on_inject:
            doors.on_inject()
        if doors.breaks:
            raise doors.breaks
        if memo["door"] in doors.late:
            raise PartMissing(f"{memo['door']} does not answer")
        doors.opened.add(memo["door"])
        doors.log.append(f"open {memo['door']}")
        await anyio.sleep(doors.slow)

    async def prove(self, world: World, memo: Memo) -> Any:
        while memo["door"] not in doors_of(world).opened:  # noqa: ASYNC110 - a poll
            await anyio.sleep(0.1)
        return {"open": memo["door"]}

    async def undo(self, world: World, memo: Memo) -> None:
        doors, door = doors_of(world), memo["door"]
        doors.log.append(f"close {door}")
        await anyio.sleep(0.01)
        if doors.undo_fails.get(door, 0) > 0:
            doors.undo_fails[door] -= 1
            raise ActivityFailed(f"{door} is jammed")
        if door not in doors.stuck:
            doors.opened.discard(door)
        if door in doors.late:
            doors.late.remove(door)
            doors.opened.add(door)

    async def verify(self, world: World, memo: Memo) -> Any:
        if memo["door"] in doors_of(world).opened:
            raise UndoFailed(f"{memo['door']} is still open")
        return {"closed": memo["door"]}


def doors_of(world: World) -> Doors:
    doors = world.extra["doors"]
    assert isinstance(doors, Doors)
    return doors


def world_with(doors: Doors) -> World:
    return World(extra={"doors": doors})


def harm(door: str = "front", number: int = 1, **changes: Any) -> Harm:
    def make(_: Scope) -> Fault:
        return OpenDoor(door=door)

    return Harm(
        id=f"{number}-door.open",
        name=f"open the {door} door",
        kind="door.open",
        make=make,
        undo_in_words="close the door",
        targets=(f"door:{door}",),
        **changes,
    )
