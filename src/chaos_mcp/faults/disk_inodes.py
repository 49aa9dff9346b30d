"""Use up the inodes of a disk: there is room for data, and none for another file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Self

import anyio
from pydantic import Field, model_validator

from chaos_mcp.errors import FaultRefused
from chaos_mcp.experiment.units import Share
from chaos_mcp.faults._directory import remember, see_gone, where, without
from chaos_mcp.faults._room import vital
from chaos_mcp.faults.base import Fault

if TYPE_CHECKING:
    from chaos_mcp.adapters.inodes import Inodes
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

PREFIX = ".chaos-inodes-"
HEADER = """\
chaos-mcp disk.inodes {owner}
These files only take up inodes, and go when the experiment ends.
`chaos recover` removes them if that went wrong; so may you.
"""
MOST = 200_000
"""Files that can be made, and removed again, in the time that there is."""
STEP = 2_000
"""Files that are made at once; between two, we look, and can be stopped."""
OWN = 2
"""Inodes of our directory, and of the file in it that says whose it is."""
BOUNDED = 0.1
LOOK = 0.05
SLACK = 0.02


class DiskInodes(Fault):
    """Make empty files, in a directory of ours, until few inodes are left.

    So many (`count`), up to a share of all there are (`to`), or down to a rest
    (`leave`); never more than 200,000, which can be taken back in time. The file
    systems of `/`, of temporary files and of the run itself are only hit with
    `root-filesystem: true`; without, `count` may take a tenth of what is free there.
    File systems that make inodes as they need them (btrfs) are refused.
    """

    kind: ClassVar[str] = "disk.inodes"
    example: ClassVar[str] = """\
fault: disk.inodes
name: no file can be made any more
path: /var/lib/shop
leave: 0
for: 10s
"""
    undo_in_words: ClassVar[str] = "remove the directory of empty files that we made"

    path: str = Field(description="A directory on the file system in question.")
    to: Share | None = Field(default=None, description="How many of all are in use.")
    leave: int | None = Field(
        default=None, ge=0, description="Or how many are left to others."
    )
    count: int | None = Field(default=None, ge=1, description="Or how many we take.")
    root_filesystem: bool = Field(
        default=False,
        description="Whether what the machine and this run need may be hit, too.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.to, self.leave, self.count)) != 1:
            raise ValueError("say how many, by one of `to`, `leave` and `count`")
        return self

    def targets(self) -> tuple[str, ...]:
        """Return the directory."""
        return (f"path:{self.path}",)

    def claims(self, world: World, memo: Memo) -> tuple[str, ...]:
        """Return the directory, or the whole disk where that is used up."""
        del world
        if self.count is not None:
            return (f"directory:{memo['directory']}",)
        return (f"disk:{memo['device']}",)

    async def arm(self, world: World) -> Memo:
        """See that there is a directory, enough inodes, and none of ours yet."""
        place = await without(world, self.path, PREFIX)
        found = await world.litter.inodes(place.path)
        take = self._take(found)
        bounded = self.count is not None and take <= found.free * BOUNDED
        room = await world.files.room(place.path)
        if not self.root_filesystem and not bounded:
            await vital(world, room)
        return {
            **remember(world, place, room, PREFIX),
            "take": take,
            "free": found.free,
        }

    def _take(self, found: Inodes) -> int:
        """Return how many files are made; refuse none, and more than can be."""
        if not found.total:
            raise FaultRefused("the file system makes inodes as it needs them")
        leave = self.leave or 0
        if self.to is not None:
            leave = int((1 - self.to) * found.total)
        take = self.count if self.count is not None else found.free - leave - OWN
        there = f"{found.free} of {found.total} are free"
        if take <= 0 or take + OWN > found.free:
            raise FaultRefused(f"there are not so many inodes: {there}")
        if take > MOST:
            raise FaultRefused(
                f"{take} files would have to be made, and {MOST} are the most: {there}"
            )
        return take

    async def inject(self, world: World, memo: Memo) -> None:
        """Make the directory, then the files."""
        place, name = where(memo)
        await world.litter.begin(place, name, _header(memo))
        done = 0
        while done < memo["take"]:
            step = min(STEP, memo["take"] - done)
            made = await world.litter.more(place, name, done, step)
            done += made
            if made < step:
                break

    async def prove(self, world: World, memo: Memo) -> Any:
        """See the inodes gone; and where none is to be left, a new file refused."""
        while True:
            with suppress(FileNotFoundError):
                if evidence := await self._seen(world, memo):
                    return evidence
            await anyio.sleep(LOOK)

    async def _seen(self, world: World, memo: Memo) -> Any:
        place, name = where(memo)
        taken = await world.litter.count(place, name)
        free = (await world.litter.inodes(place.path)).free
        evidence = {"taken_inodes": taken, "free_inodes": free}
        if self.leave == 0:
            evidence["refused_files"] = int(await world.litter.refuses(place, name))
            return evidence if evidence["refused_files"] else None
        return evidence if taken >= memo["take"] * (1 - SLACK) else None

    async def undo(self, world: World, memo: Memo) -> None:
        """Remove the directory; that it is gone is all right."""
        place, name = where(memo)
        await world.litter.clear(place, name, _header(memo))

    async def verify(self, world: World, memo: Memo) -> Any:
        """Read the list of files, and how many inodes are free again."""
        await see_gone(world, memo)
        try:
            free = (await world.litter.inodes(memo["directory"])).free
        except (FileNotFoundError, NotADirectoryError):
            return {"files": "gone"}
        return {"files": "gone", "free_inodes": free}


def _header(memo: Memo) -> bytes:
    return HEADER.format(owner=memo["owner"]).encode()
