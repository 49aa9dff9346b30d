"""Take processor time from a container: a neighbour that works hard."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.experiment.units import Share
from chaos_mcp.faults._stressed import StressFault, stressor

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers, ContainerSeen
    from chaos_mcp.adapters.world import World

PERIOD = 100_000
"""Microseconds in which the kernel counts a quota."""
LOOK = 0.25
ENOUGH = 0.5
"""The share of what was asked for that shows that it works."""


class ContainerCpuStress(StressFault):
    """Have stress-ng compute beside a container, by default under its own limits.

    Then a container with one core and a stress of one core has half a core left, and
    is throttled with it. Its own priority and other containers are left alone.
    """

    kind: ClassVar[str] = "container.cpu-stress"
    example: ClassVar[str] = """\
fault: container.cpu-stress
name: a noisy neighbour
container: shop
cores: 1
load: 80%
for: 10s
"""
    undo_in_words: ClassVar[str] = "remove the stress containers (docker rm -f)"

    cores: int = Field(default=1, ge=1, description="How many cores it works on.")
    load: Share = Field(
        default=1.0, gt=0, description="How much of each it uses, such as 80%."
    )

    async def remember(self, world: World, seen: ContainerSeen) -> dict[str, Any]:
        """See where the stress goes, and how much of it there can be."""
        group = await self.group(world, seen)
        info = await world.containers.info()
        used = await world.containers.usage(seen)
        asked = min(self.cores * self.load, float(info.cores or self.cores))
        most = seen.limits.cores if self.inside else None
        return {
            "stressor": stressor(world.owner, seen.id),
            "group": group,
            "cores": asked if most is None else min(asked, most),
            # The kernel refuses a part more than the whole has.
            "quota": most is None or asked < most,
            "throttled": used.throttled if used else 0,
        }

    def stress(self, one: dict[str, Any]) -> list[str]:
        """Return one worker a core; how much each does is up to the quota."""
        return ["--cpu", f"{max(self.cores, ceil(one['cores']))}"]

    def bounds(self, one: dict[str, Any]) -> dict[str, Any]:
        """Return a quota: more exact than a program's own pauses."""
        if not one["quota"]:
            return {}
        return {"CpuPeriod": PERIOD, "CpuQuota": round(one["cores"] * PERIOD)}

    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """Measure the processor time that the stress uses."""
        while True:
            seen = await self.living(engine, one)
            first = await engine.usage(seen)
            await anyio.sleep(LOOK)
            later = await engine.usage(seen)
            if first is None or later is None or later.read <= first.read:
                continue
            cores = (later.cpu - first.cpu) / (later.read - first.read)
            if cores >= ENOUGH * one["cores"]:
                return {
                    "cores": round(cores, 3),
                    "asked": one["cores"],
                    "throttled": await self._throttled(engine, one),
                }

    async def _throttled(self, engine: Containers, one: dict[str, Any]) -> int | None:
        """Return how often the target had to wait since."""
        target = await engine.look(one["id"])
        used = await engine.usage(target) if target else None
        return used.throttled - int(one["throttled"]) if used else None
