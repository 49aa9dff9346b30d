"""Containers that a fault has ended: started again, and seen to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.errors import FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.faults._containers import LOOK, ContainerFault

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers, ContainerSeen
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

GONE = 5.0
"""Seconds that a killed container has to be down."""


class DowningFault(ContainerFault):
    """A fault that ends containers, and starts the same ones again."""

    async def remember(self, world: World, seen: ContainerSeen) -> dict[str, Any]:
        """See that it runs, and would be there to be started again."""
        del world
        if seen.status != "running":
            raise FaultRefused(
                f"the container {seen.name} does not run: it is {seen.status} already"
            )
        if seen.removes_itself:
            raise FaultRefused(
                f"the container {seen.name} is removed when it ends (--rm), and could "
                "not be started again"
            )
        return {"signal": seen.stop_signal}

    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """See that it does not run any more."""
        while True:
            seen = await engine.look(one["id"])
            if seen is None:
                raise FaultUnproven(f"the container {one['name']} is gone")
            if not seen.runs and seen.started == one["started"]:
                return {"state": seen.status, "exit_code": seen.exit_code}
            await anyio.sleep(LOOK)

    async def restore(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> None:
        """Start it, unless it runs; one that is about to end has to end first.

        The signal may have been sent and not have come to pass: the engine remembers.
        """
        seen = await engine.look(one["id"])
        if seen is None or seen.status in ("removing", "dead"):
            return
        if seen.runs and await engine.signalled(seen, memo["since"]):
            await engine.kill(one["id"], "SIGKILL")
            seen = await down(engine, one["id"], GONE)
        if seen and not seen.runs:
            await engine.start(one["id"])

    async def restored(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> Any:
        """See it among those that run."""
        del memo
        states = {found.id: found.status for found in await engine.listed()}
        state = states.get(one["id"], "gone")
        if state not in ("running", "gone", "removing", "dead"):
            raise UndoFailed(f"the container {one['name']} does not run: it is {state}")
        return state


async def down(
    engine: Containers, container: str, seconds: float
) -> ContainerSeen | None:
    """Wait until a container is down, or the time is over; return it as it is then."""
    with anyio.move_on_after(seconds):
        while (seen := await engine.look(container)) and seen.runs:  # noqa: ASYNC110 - the engine tells nobody
            await anyio.sleep(LOOK)
        return seen
    return await engine.look(container)


async def ended(engine: Containers, one: dict[str, Any], grace: float) -> None:
    """End a container: by its own signal, and then by SIGKILL.

    Not by the engine's own `stop`, which would go on with it if we died meanwhile.
    """
    await engine.kill(one["id"], one["signal"])
    seen = await down(engine, one["id"], grace)
    if seen and seen.runs:
        await engine.kill(one["id"], "SIGKILL")
