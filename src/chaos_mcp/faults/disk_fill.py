"""Fill a disk: whoever writes there has no room any more, or little."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Self

import anyio
from pydantic import Field, model_validator

from chaos_mcp.errors import UndoFailed
from chaos_mcp.experiment.units import Share, Size, human_size
from chaos_mcp.faults._directory import remember, see_gone, where, without
from chaos_mcp.faults._room import check, demand
from chaos_mcp.faults.base import Fault

if TYPE_CHECKING:
    from chaos_mcp.adapters.local import Place
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

PREFIX = ".chaos-fill-"
HEADER = """\
chaos-mcp disk.fill {owner}
This file only takes up room, and goes when the experiment ends.
`chaos recover` removes it if that went wrong; so may you.
"""
CHUNK = 2**26
"""Bytes that are taken at once; between two, we look, and can be stopped."""
BLOCK = 4096
LOOK = 0.05
POLL = 0.005
PATIENCE = 1.0
"""Seconds in which a file system must give room back; some do it in the background."""
SLACK = 2**24
"""Bytes that others may take meanwhile before we doubt that ours came back."""


class DiskFill(Fault):
    """Take up the room of a file system with one file, known by the tag in its header.

    How much is settled before: up to a share (`to`), down to a rest (`leave`), or so
    many bytes (`size`). A reserve stays unless `leave` says less: 1 % of the file
    system and 64 MiB, of a small one 5 %. The file systems of `/`, of temporary files
    and of the run itself are filled only with `root-filesystem: true`; without, a
    bounded fill (`size` or `within`) may take a tenth of what is free there.
    """

    kind: ClassVar[str] = "disk.fill"
    example: ClassVar[str] = """\
fault: disk.fill
name: fill the disk of the orders
path: /var/lib/shop
leave: 1 MiB
for: 10s
"""
    undo_in_words: ClassVar[str] = "remove the file that we made, known by its header"

    path: str = Field(description="A directory on the file system to fill.")
    to: Share | None = Field(
        default=None, description="How full it gets, of the room that there is."
    )
    leave: Size | None = Field(default=None, description="Or how many bytes stay free.")
    size: Size | None = Field(default=None, description="Or how many bytes we take.")
    within: Size | None = Field(
        default=None,
        description="With `to` or `leave`: take the directory for a disk of so many "
        "bytes, of which its files use some; for systems that mind a budget.",
    )
    root_filesystem: bool = Field(
        default=False,
        description="Whether what the machine and this run need may be filled, too.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.to, self.leave, self.size)) != 1:
            raise ValueError("say how much, by one of `to`, `leave` and `size`")
        if self.within is not None and self.size is not None:
            raise ValueError("`within` goes with `to` or `leave`, not with `size`")
        return self

    def targets(self) -> tuple[str, ...]:
        """Return the directory."""
        return (f"path:{self.path}",)

    def claims(self, world: World, memo: Memo) -> tuple[str, ...]:
        """Return the directory, or the whole disk where that is filled."""
        del world
        if self.size is not None or self.within is not None:
            return (f"directory:{memo['directory']}",)
        return (f"disk:{memo['device']}",)

    async def arm(self, world: World) -> Memo:
        """See that there is a directory with room, and no fill in it yet."""
        place = await without(world, self.path, PREFIX)
        room = await world.files.room(place.path)
        budget = self.within and (self.within, await world.files.size(place.path))
        wanted = demand(room, budget or None, self.to, self.leave, self.size)
        bounded = self.size is not None or self.within is not None
        await check(world, room, wanted, bounded=bounded, anywhere=self.root_filesystem)
        return {
            **remember(world, place, room, PREFIX),
            "take": wanted.take,
            "reserve": wanted.reserve,
            "most": wanted.most,
            "probe": self.within is None and wanted.most in range(BLOCK),
            "free": room.free,
        }

    async def inject(self, world: World, memo: Memo) -> None:
        """Make the file, header first, and let it grow; stop at the reserve."""
        place, name = where(memo)
        await world.files.create(place, name, _header(memo))
        done, step = 0, CHUNK
        while done < memo["take"] and step >= BLOCK:
            spare = (await world.files.room(place.path)).free - memo["reserve"]
            ask = min(step, memo["take"] - done, spare)
            if ask <= 0:
                break
            before, done = done, await world.files.grow(place, name, done + ask)
            if done == before:
                step = ask // 2

    async def prove(self, world: World, memo: Memo) -> Any:
        """See the room gone; and where none is left, a write refused."""
        while True:
            with suppress(FileNotFoundError):
                if evidence := await self._seen(world, memo):
                    return evidence
            await anyio.sleep(LOOK)

    async def _seen(self, world: World, memo: Memo) -> Any:
        (place, name), most = where(memo), memo["most"]
        evidence = {
            "taken_bytes": await world.files.held(place, name),
            "free_bytes": await self._free(world, place),
        }
        slack = memo["take"] // 50
        took = evidence["taken_bytes"] >= memo["take"] - slack
        full = most is not None and evidence["free_bytes"] <= most + max(slack, 2**16)
        if full and memo["probe"]:
            refused = await world.files.refuses(place, name)
            evidence["refused_writes"] = int(refused or 0)
            full = refused is not False
        # Whoever is hit may make room at once; what we took is gone all the same.
        return evidence if took or full else None

    async def _free(self, world: World, place: Place) -> int:
        """Return what is free as the target counts."""
        if self.within is not None:
            return max(0, self.within - await world.files.size(place.path))
        return (await world.files.room(place.path)).free

    async def undo(self, world: World, memo: Memo) -> None:
        """Remove the file; that it, or its directory, is gone is all right."""
        await world.files.remove(*where(memo), _header(memo))

    async def verify(self, world: World, memo: Memo) -> Any:
        """Read the list of files, and the room that is free again."""
        await see_gone(world, memo)
        return {"file": "gone", **await _given_back(world, memo)}


async def _given_back(world: World, memo: Memo) -> dict[str, int]:
    """Wait for the room that we took; others may have taken what we had left."""
    others = memo["free"] - memo["take"] + max(SLACK, memo["take"] // 2)
    deadline = anyio.current_time() + PATIENCE
    while True:
        try:
            room = await world.files.room(memo["directory"])
        except (FileNotFoundError, NotADirectoryError):
            return {}
        if room.device != memo["device"]:
            return {}
        if memo["free"] - room.free <= others:
            return {"free_bytes": room.free}
        if anyio.current_time() > deadline:
            raise UndoFailed(
                f"the file is gone, and {human_size(memo['free'] - room.free)} less "
                "are free than before: does a snapshot hold it?"
            )
        await anyio.sleep(POLL)


def _header(memo: Memo) -> bytes:
    return HEADER.format(owner=memo["owner"]).encode()
