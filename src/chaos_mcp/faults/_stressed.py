"""Containers from which another one, made by us, takes processor time or memory."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import anyio
from pydantic import Field

from chaos_mcp.adapters.containers import DEADLINE, MAKER, OWNER, RUN, ContainerSpec
from chaos_mcp.errors import FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.faults._containers import ContainerFault
from chaos_mcp.machine.maker import mark

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers, ContainerSeen
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

PROGRAM = "stress-ng"
LONGEST = 3600.0
SETTLE = 0.3
"""Seconds in which an engine that was asked for a container by the dead makes it."""
SHORT = 12


class StressFault(ContainerFault):
    """A fault that is a stress container in, or beside, each target."""

    inside: bool = Field(
        default=True,
        description="Whether the stress counts as the container's own, under its "
        "limits; else it is beside it, on the same machine.",
    )
    stress_image: str | None = Field(
        default=None,
        description="An image that has stress-ng; made of this machine's stress-ng if "
        "not said.",
    )

    @abstractmethod
    def stress(self, one: dict[str, Any]) -> list[str]:
        """Return stress-ng's arguments."""

    @abstractmethod
    def bounds(self, one: dict[str, Any]) -> dict[str, Any]:
        """Return the stress container's own limits, as the engine has them."""

    async def group(self, world: World, seen: ContainerSeen) -> str:
        """Return the control group that the stress belongs to; empty: its own."""
        if not seen.runs:
            raise FaultRefused(f"the container {seen.name} does not run")
        if await world.containers.look(stressor(world.owner, seen.id)):
            raise FaultRefused(f"{seen.name} is stressed by {world.owner} already")
        if not self.inside:
            return ""
        info = await world.containers.info()
        found = world.containers.cgroup(seen, info)
        if not found:
            raise FaultRefused(
                "this engine lets no container be inside another (cgroups of version "
                f"{info.cgroup_version}, by {info.cgroup_driver}): say `inside: false`"
            )
        return found

    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """Start the stress container, which ends by itself when its time is over."""
        image = await engine.stress_image(self.stress_image or "")
        ttl = max(1.0, float(world.extra.get("ttl") or LONGEST))
        limit = ["--timeout", f"{ttl:.0f}s", "--quiet"]
        await engine.run(
            ContainerSpec(
                name=one["stressor"],
                image=image,
                command=(PROGRAM, *self.stress(one), *limit),
                labels={
                    RUN: world.bounds.run,
                    MAKER: mark(),
                    OWNER: world.owner,
                    DEADLINE: f"{time.time() + ttl:.0f}",
                },
                environment={"PATH": "/usr/local/bin:/usr/bin:/bin"},
                host={
                    "AutoRemove": True,
                    "NetworkMode": "none",
                    "CgroupParent": one["group"],
                    **self.bounds(one),
                },
            )
        )

    async def living(self, engine: Containers, one: dict[str, Any]) -> ContainerSeen:
        """Return the stress container; raise `FaultUnproven` if it has ended."""
        seen = await engine.look(one["stressor"])
        if seen is None or not seen.runs:
            raise FaultUnproven(f"the stress of {one['name']} has ended by itself")
        return seen

    async def restore(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> None:
        """Remove the stress container, be it that it is only just being made."""
        for _ in range(2):
            seen = await engine.look(one["stressor"])
            if seen and seen.labels.get(OWNER) == memo["owner"]:
                await engine.remove(seen.id)
                return
            await anyio.sleep(SETTLE)

    async def restored(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> Any:
        """See no container with our tag that is this one's."""
        ours = await engine.listed({OWNER: memo["owner"]})
        if one["stressor"] in {found.name for found in ours}:
            raise UndoFailed(f"{one['stressor']} still stresses {one['name']}")
        return "free"


def stressor(owner: str, container: str) -> str:
    """Return what the stress container of a container is called."""
    return f"{owner}-{container[:SHORT]}"
