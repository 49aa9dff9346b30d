"""Stop a container as an operator would: it is asked first, and killed if need be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._downed import DowningFault, ended

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers
    from chaos_mcp.adapters.world import World


class ContainerStop(DowningFault):
    """Send a container its stop signal, and kill it if it does not end in time.

    That is what `docker stop` and every deployment do. The undo starts it again.
    """

    kind: ClassVar[str] = "container.stop"
    example: ClassVar[str] = """\
fault: container.stop
name: stop the store
container: store
for: 5s
"""
    undo_in_words: ClassVar[str] = "start the containers again (docker start)"

    grace: Duration = Field(
        default=3.0, le=6.0, description="How long it has to end by itself."
    )

    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """Ask it to end, and see to it."""
        del world
        await ended(engine, one, self.grace)
