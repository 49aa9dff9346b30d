"""Kill a container: it is gone from one moment to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chaos_mcp.faults._downed import DowningFault

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers
    from chaos_mcp.adapters.world import World


class ContainerKill(DowningFault):
    """Send a container's first process a signal, as `docker kill` does: SIGKILL.

    It has no time to put anything away. The engine does not restart it, whatever its
    restart policy; the undo starts it again.
    """

    kind: ClassVar[str] = "container.kill"
    example: ClassVar[str] = """\
fault: container.kill
name: kill the store
container: store
for: 5s
"""
    undo_in_words: ClassVar[str] = "start the containers again (docker start)"

    signal: str = Field(
        default="SIGKILL",
        pattern=r"^SIG[A-Z0-9+-]+$",
        description="Which signal; it must be one that ends it.",
    )

    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """Send the signal."""
        del world
        await engine.kill(one["id"], self.signal)
