"""The container that a probe is about: by the experiment's name, or the engine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from chaos_mcp.adapters.containers import PART, RUN
from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import ContainerSeen
    from chaos_mcp.adapters.world import World


class ContainerProbe(Probe):
    """A question about one container."""

    container: str = Field(
        description="Its name, in the experiment's `system:` or on the engine, or its "
        "id."
    )

    async def seen(self, world: World) -> ContainerSeen:
        """Return it; raise `ActivityFailed` if there is none."""
        name, run = self.container, world.bounds.run
        own = await world.containers.listed({RUN: run, PART: name}) if run else ()
        found = await world.containers.look(own[0].id if own else name)
        if found is None:
            raise ActivityFailed(f"there is no container {name}")
        return found
