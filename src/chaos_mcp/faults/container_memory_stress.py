"""Take memory from a container: as much as is left to it, or more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import anyio
from pydantic import Field, model_validator

from chaos_mcp.errors import FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.experiment.units import Share, Size, human_size
from chaos_mcp.faults._room import OF_MEMORY
from chaos_mcp.faults._stressed import StressFault, stressor

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers, ContainerSeen
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

LOOK = 0.05
ENOUGH = 0.9
"""The share of what was asked for that shows that it is held."""
OVERHEAD = 12 * 2**20
"""Bytes that the stressor itself takes."""
PAGE = 4096


class ContainerMemoryStress(StressFault):
    """Have stress-ng hold memory, by default under the container's own limit.

    It holds what it was told and no more: where that would leave too little, it is
    refused, unless `oom: true` asks for just that. Then the kernel kills whatever is
    largest: what the container runs, which the undo starts again, or the stress, which
    begins anew. `container.limit` leaves it only the former.
    """

    kind: ClassVar[str] = "container.memory-stress"
    example: ClassVar[str] = """\
fault: container.memory-stress
name: nearly out of memory
container: shop
of-limit: 60%
for: 10s
"""
    undo_in_words: ClassVar[str] = (
        "remove the stress containers (docker rm -f); start what was killed"
    )

    size: Size | None = Field(
        default=None, ge=2**20, description="How much memory it holds."
    )
    of_limit: Share | None = Field(
        default=None, gt=0, description="Or which share of the container's limit."
    )
    oom: bool = Field(
        default=False,
        description="Whether the container may run out of memory, and be killed.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.size is None) == (self.of_limit is None):
            raise ValueError("say how much, by one of `size` and `of-limit`")
        if self.oom and not self.inside:
            raise ValueError("`oom` goes with `inside: true`: it is the container's")
        return self

    async def remember(self, world: World, seen: ContainerSeen) -> dict[str, Any]:
        """See how much there is, and that it may be taken."""
        group = await self.group(world, seen)
        limit = seen.limits.memory
        if limit is None and (self.of_limit is not None or self.oom):
            raise FaultRefused(f"{seen.name} has no limit of memory")
        if self.oom and seen.removes_itself:
            raise FaultRefused(f"{seen.name} would be removed when killed (--rm)")
        size = self.size if self.size is not None else 0
        if self.of_limit is not None and limit is not None:
            size = int(limit * self.of_limit) // PAGE * PAGE
        await self._fits(world, seen, size, limit if self.inside else None)
        return {
            "stressor": stressor(world.owner, seen.id),
            "group": group,
            "size": size,
        }

    async def _fits(
        self, world: World, seen: ContainerSeen, size: int, limit: int | None
    ) -> None:
        if limit is not None:
            used = await world.containers.usage(seen)
            left = limit - (used.memory if used else 0) - OVERHEAD
            if not self.oom and size > left:
                raise FaultRefused(
                    f"{seen.name} has {human_size(max(0, left))} left, so it would run "
                    "out of memory: take less, or say `oom: true`"
                )
        memory = await world.files.memory()
        if size > memory * OF_MEMORY:
            raise FaultRefused(
                f"{human_size(size)} of the {human_size(memory)} that are free would "
                "endanger the machine"
            )

    def stress(self, one: dict[str, Any]) -> list[str]:
        """Return one worker that takes it, and then keeps still."""
        hold = ["--vm", "1", "--vm-bytes", f"{one['size']}"]
        dies = ["--no-oom-adjust"] if self.oom else ["--oomable"]
        return [*hold, "--vm-keep", "--vm-hang", "0", *dies]

    def bounds(self, one: dict[str, Any]) -> dict[str, Any]:
        """Return none: it takes what it was told."""
        del one
        return {}

    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """Measure the memory that it holds; or see the kernel kill."""
        while True:
            if self.oom and await engine.out_of_memory(one["id"], one["since"]):
                return {"oom": True}
            seen = await engine.look(one["stressor"])
            used = await engine.usage(seen) if seen and seen.runs else None
            if used and used.memory >= ENOUGH * one["size"]:
                return {"bytes": used.memory, "asked": one["size"]}
            if used is None and not self.oom:
                raise FaultUnproven(f"the stress of {one['name']} has ended by itself")
            await anyio.sleep(LOOK)

    async def restore(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> None:
        """Remove the stress, and start what the kernel has killed."""
        await super().restore(engine, memo, one)
        seen = await engine.look(one["id"]) if self.oom else None
        if seen and not seen.runs:
            await engine.start(one["id"])

    async def restored(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> Any:
        """See no stress, and what was killed running again."""
        found = await super().restored(engine, memo, one)
        seen = await engine.look(one["id"]) if self.oom else None
        if seen and not seen.runs:
            raise UndoFailed(f"the container {one['name']} does not run")
        return found
