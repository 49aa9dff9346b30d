"""Ask in what state a container is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from chaos_mcp.probes._containers import ContainerProbe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World


class ContainerState(ContainerProbe):
    """Its `status` (running, paused, exited …), `exit_code`, `oom_killed`, `restarts`.

    Also when it was `started` last, and its `cores` and `memory` limits, null for none.
    """

    kind: ClassVar[str] = "container.state"
    example: ClassVar[str] = """\
probe: container.state
container: store
expect: {status: running, restarts: 0}
"""

    async def ask(self, world: World) -> Any:
        """Return what the engine says."""
        seen = await self.seen(world)
        return {
            "status": seen.status,
            "exit_code": seen.exit_code,
            "oom_killed": seen.oom_killed,
            "restarts": seen.restarts,
            "started": seen.started,
            "cores": seen.limits.cores,
            "memory": seen.limits.memory,
        }
