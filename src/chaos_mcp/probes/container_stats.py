"""Ask how much processor time and memory a container uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.experiment.units import Duration
from chaos_mcp.probes._containers import ContainerProbe

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import ContainerSeen, Usage
    from chaos_mcp.adapters.world import World


class ContainerStats(ContainerProbe):
    """The `cores` that it uses over a while, and its `memory` in bytes.

    Also the `share` of its limit of memory, null if it has none, and how often it was
    `throttled` since it began.
    """

    kind: ClassVar[str] = "container.stats"
    example: ClassVar[str] = """\
probe: container.stats
container: store
expect: {cores: "< 0.5", memory: "< 100 MiB"}
"""

    over: Duration = Field(default=0.5, gt=0, description="How long it is watched for.")

    async def ask(self, world: World) -> Any:
        """Look twice."""
        seen = await self.seen(world)
        first = await _used(world, seen)
        await anyio.sleep(self.over)
        later = await _used(world, seen)
        seconds = max(1e-9, later.read - first.read)
        limit = seen.limits.memory
        return {
            "cores": round(max(0.0, later.cpu - first.cpu) / seconds, 4),
            "memory": later.memory,
            "share": round(later.memory / limit, 4) if limit else None,
            "throttled": later.throttled,
        }


async def _used(world: World, seen: ContainerSeen) -> Usage:
    used = await world.containers.usage(seen) if seen.runs else None
    if used is None:
        raise ActivityFailed(f"the container {seen.name} does not run")
    return used
