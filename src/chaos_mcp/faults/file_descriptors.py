"""Leave a process no file descriptors: it can open no file, and accept nobody."""

from __future__ import annotations

from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.adapters.descriptors import bound, room
from chaos_mcp.errors import FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.faults._processes import members, newborn, remember, same_space
from chaos_mcp.faults._target import ProcessFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo
    from chaos_mcp.machine.identity import Identity

    Bound = tuple[Identity, dict[str, int]]

POLL = 0.01


class FileDescriptors(ProcessFault):
    """Lower the bound of a process' open files (`RLIMIT_NOFILE`) to what it has open.

    What is open stays so; whatever it opens next fails with EMFILE: files, sockets,
    pipes, connections to accept. Only this process and what it has started are hit,
    never the machine, and the bound that it had is put back exactly. Where somebody
    has changed it meanwhile, it is left as it is. Linux only.
    """

    kind: ClassVar[str] = "file.descriptors"
    example: ClassVar[str] = """\
fault: file.descriptors
name: the worker can open nothing
process: worker
leave: 0
for: 10s
"""
    undo_in_words: ClassVar[str] = "put the bound of open files back as it was"

    leave: int = Field(
        default=0, ge=0, description="How many more files each may still open."
    )

    async def arm(self, world: World) -> Memo:
        """See that they are there, and have room for more than is to be left."""
        if not world.descriptors.able():
            raise FaultRefused("only Linux can change the limits of another process")
        memo = await remember(world, *self.chosen(world), tree=self.tree)
        bounds = [self._bounds(world, who) for who in members(memo)]
        if None in bounds[: memo["roots"]]:
            raise FaultRefused("there is no process any more that was to be hit")
        # A child may have come to its end since it was listed.
        kept = [one for one in zip(memo["processes"], bounds, strict=True) if one[1]]
        found, bounded = zip(*kept, strict=True)
        return {**memo, "processes": [*found], "bounds": [*bounded]}

    def _bounds(self, world: World, who: Identity) -> dict[str, int] | None:
        """Return the limits that a process has, and the one that it gets."""
        try:
            opened = world.descriptors.open(who)
            soft, hard = world.descriptors.limits(who)
        except (FileNotFoundError, ProcessLookupError):
            return None
        except OSError as error:
            raise FaultRefused(f"the process {who.pid}: {error.strerror}") from error
        if soft >= 0 and room(opened, soft) <= self.leave:
            raise FaultRefused(
                f"the process {who.pid} can open no more than {room(opened, soft)} "
                "files already"
            )
        return {"soft": soft, "hard": hard, "bound": bound(opened, self.leave)}

    async def inject(self, world: World, memo: Memo) -> None:
        """Lower the bounds; the most that they can be stays."""
        for who, one in _pairs(memo):
            world.descriptors.limit(who, one["bound"], one["hard"])

    async def prove(self, world: World, memo: Memo) -> Any:
        """See that the numbers below the bound are all taken, but for those left."""
        while True:
            seen = [*self._seen(world, memo)]
            if not seen:
                raise FaultUnproven("none of the processes is left")
            if all(one["room"] <= self.leave for one in seen):
                return {
                    "open": sum(one["open"] for one in seen),
                    "room": max(one["room"] for one in seen),
                    "processes": len(seen),
                }
            await anyio.sleep(POLL)

    def _seen(self, world: World, memo: Memo) -> Iterator[dict[str, int]]:
        for who, _ in _pairs(memo):
            with suppress(FileNotFoundError, ProcessLookupError):
                opened, now = world.descriptors.open(who), world.descriptors.read(who)
                if now is not None:
                    yield {"open": len(opened), "room": room(opened, now)}

    async def undo(self, world: World, memo: Memo) -> None:
        """Put back what we have lowered, also for children born since.

        Who is born while we look inherits what its parent has at that moment: we look
        again until there is nobody who has what we lowered.
        """
        same_space(world, memo)
        failures: dict[Identity, str] = {}
        while low := _bounded(world, await _all(world, memo)):
            if failures.keys() >= {who for who, _ in low}:
                break
            for who, one in low:
                try:
                    world.descriptors.limit(who, one["soft"], one["hard"])
                except OSError as error:
                    failures[who] = f"the process {who.pid}: {error.strerror}"
        if failures:
            raise UndoFailed("; ".join(failures.values()))

    async def verify(self, world: World, memo: Memo) -> Any:
        """Read the bounds of all of them in /proc."""
        same_space(world, memo)
        everyone = await _all(world, memo)
        if left := _bounded(world, everyone):
            named = ", ".join(str(who.pid) for who, _ in left)
            raise UndoFailed(f"still bounded: {named}")
        bounds = [world.descriptors.read(who) for who, _ in everyone]
        return {"bounded": 0, "running": len(bounds) - bounds.count(None)}


def _pairs(memo: Memo) -> Iterator[Bound]:
    yield from zip(members(memo), memo["bounds"], strict=True)


def _bounded(world: World, everyone: Iterable[Bound]) -> list[Bound]:
    """Return who of them has the bound that we set."""
    return [
        (who, one)
        for who, one in everyone
        if one["bound"] != one["soft"] and world.descriptors.read(who) == one["bound"]
    ]


async def _all(world: World, memo: Memo) -> list[Bound]:
    """Return whose bound may be lowered: who is born to one of them inherits it."""
    born = await newborn(world, memo, inf)
    inherited = {one["bound"]: one for one in memo["bounds"]}
    children = [(who, world.descriptors.read(who)) for who in born]
    return [
        *_pairs(memo),
        *((who, inherited[now]) for who, now in children if now in inherited),
    ]
