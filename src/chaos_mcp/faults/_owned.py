"""Processes that the run itself has started, and so can start again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import UndoFailed
from chaos_mcp.machine.identity import birth_of

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.machine.identity import Identity

ENDED = {"system": "ended"}
"""What verifying says where the run is gone, and what it had started with it."""


def owned(world: World, name: str | None) -> bool:
    """Tell whether a process is of the experiment's system, and that still lasts.

    From another process than the runner it cannot be reached: whoever takes over from
    a runner ends all that it has started.
    """
    return bool(name and world.system and world.system.owns(name))


def runs(world: World, name: str) -> Identity | None:
    """Return who a process of the system is now, if it runs."""
    return world.system.running(name) if world.system else None


async def revive(world: World, name: str | None) -> None:
    """Start a process of the system again if it is dead."""
    if name and world.system and world.system.owns(name) and not runs(world, name):
        await world.system.restart(name)


def seen(world: World, name: str) -> dict[str, Any]:
    """Return that a process of the system runs; raise `UndoFailed` if it does not."""
    if not owned(world, name):
        return dict(ENDED)
    who = runs(world, name)
    if who is None or not birth_of(who.pid):
        raise UndoFailed(f"the process {name!r} does not run")
    return {"running": who.pid}
