"""Restart a container: down, and up again by itself, as after an update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.errors import FaultUnproven
from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._containers import LOOK
from chaos_mcp.faults._downed import GONE, DowningFault, down, ended

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers
    from chaos_mcp.adapters.world import World


class ContainerRestart(DowningFault):
    """End a container as `docker stop` does, and start it again at once.

    What it held in memory is lost, and its connections are. Nothing is left to take
    back unless it does not come up again.
    """

    kind: ClassVar[str] = "container.restart"
    example: ClassVar[str] = """\
fault: container.restart
name: restart the store
container: store
"""
    undo_in_words: ClassVar[str] = "start the containers, if they are down"

    grace: Duration = Field(
        default=3.0, le=6.0, description="How long it has to end by itself."
    )

    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """End it, and start it."""
        del world
        await ended(engine, one, self.grace)
        await down(engine, one["id"], GONE)
        await engine.start(one["id"])

    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """See it running, since a later time than before."""
        while True:
            seen = await engine.look(one["id"])
            if seen is None:
                raise FaultUnproven(f"the container {one['name']} is gone")
            if seen.runs and seen.started != one["started"]:
                return {"started": seen.started, "before": one["started"]}
            await anyio.sleep(LOOK)
