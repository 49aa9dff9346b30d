"""Freeze a container: its connections stay open, and nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import anyio

from chaos_mcp.errors import FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.faults._containers import LOOK, ContainerFault

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers, ContainerSeen
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


class ContainerPause(ContainerFault):
    """Freeze all processes of a container, as `docker pause` does.

    They are not told. The kernel goes on accepting connections and data for them, so
    whoever asks waits.
    """

    kind: ClassVar[str] = "container.pause"
    example: ClassVar[str] = """\
fault: container.pause
name: freeze the store
container: store
for: 5s
"""
    undo_in_words: ClassVar[str] = "unpause the containers (docker unpause)"

    async def remember(self, world: World, seen: ContainerSeen) -> dict[str, Any]:
        """See that it runs, and is not frozen by somebody else."""
        del world
        if seen.status == "paused":
            raise FaultRefused(f"the container {seen.name} is paused already")
        if seen.status != "running":
            raise FaultRefused(f"the container {seen.name} does not run")
        return {}

    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """Pause it."""
        del world
        await engine.pause(one["id"])

    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """See it paused, and using no processor time."""
        while True:
            seen = await engine.look(one["id"])
            if seen is None:
                raise FaultUnproven(f"the container {one['name']} is gone")
            if seen.status == "paused" and await _ran(engine, seen) <= 0:
                return {"state": "paused", "ran_seconds": 0}
            await anyio.sleep(LOOK)

    async def restore(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> None:
        """Let it run on, unless it has been started anew since."""
        del memo
        seen = await engine.look(one["id"])
        if seen and seen.status == "paused" and seen.started == one["started"]:
            await engine.unpause(one["id"])

    async def restored(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> Any:
        """See it not paused."""
        del memo
        seen = await engine.look(one["id"])
        if seen is None:
            return "gone"
        if seen.status == "paused" and seen.started == one["started"]:
            raise UndoFailed(f"the container {one['name']} is still paused")
        return seen.status


async def _ran(engine: Containers, seen: ContainerSeen) -> float:
    """Return the processor time that it used between two looks."""
    first = await engine.usage(seen)
    await anyio.sleep(LOOK)
    later = await engine.usage(seen)
    return later.cpu - first.cpu if first and later else 0.0
