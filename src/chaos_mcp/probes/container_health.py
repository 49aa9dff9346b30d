"""Ask whether a container is healthy, by its own health check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes._containers import ContainerProbe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World


class ContainerHealth(ContainerProbe):
    """starting, healthy or unhealthy; unknown where it has no health check."""

    kind: ClassVar[str] = "container.health"
    example: ClassVar[str] = """\
probe: container.health
container: store
expect: healthy
"""

    async def ask(self, world: World) -> Any:
        """Return what the engine says."""
        seen = await self.seen(world)
        if not seen.health:
            raise ActivityFailed(f"the container {self.container} has no health check")
        return seen.health
