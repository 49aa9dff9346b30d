"""The directory that a fault puts something of its own into, and takes it out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.adapters.local import Place
from chaos_mcp.errors import FaultRefused, UndoFailed

if TYPE_CHECKING:
    from chaos_mcp.adapters.local import Room
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


async def without(world: World, path: str, prefix: str) -> Place:
    """Return a directory in which nothing of the kind is; refuse any other."""
    try:
        place = await world.files.place(path)
    except PermissionError as error:
        raise FaultRefused(f"{path}: {error.strerror}") from error
    if place is None:
        raise FaultRefused(f"there is no directory {path}")
    for name in sorted(await world.files.names(place.path)):
        if name.startswith(prefix):
            raise FaultRefused(f"there is {name} in {place.path} already")
    return place


def remember(world: World, place: Place, room: Room, prefix: str) -> Memo:
    """Return what finds the directory again, and what of ours is in it."""
    return {
        "directory": place.path,
        "device": place.device,
        "inode": place.inode,
        "name": f"{prefix}{world.owner}",
        "owner": world.owner,
        "identity": room.identity,
        "in_memory": room.in_memory,
    }


def where(memo: Memo) -> tuple[Place, str]:
    """Return the directory, and what ours is called in it."""
    return Place(memo["directory"], memo["device"], memo["inode"]), memo["name"]


async def see_gone(world: World, memo: Memo) -> None:
    """Read the list of files; raise `UndoFailed` if ours is, or may be, among them."""
    place, name = where(memo)
    ours = f"{place.path}/{name}"
    presence = await world.files.presence(place, name, memo["identity"])
    if presence == "there":
        raise UndoFailed(
            f"{ours} is still there; if its first line is not ours, it is not ours to "
            "remove"
        )
    if presence == "unmounted" and not memo["in_memory"]:
        raise UndoFailed(f"the disk that may hold {ours} is not mounted")
