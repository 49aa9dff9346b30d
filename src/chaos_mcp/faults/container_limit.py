"""Squeeze what a container may use, while it runs: processor time, memory, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import anyio
from pydantic import Field, model_validator

from chaos_mcp.errors import FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.experiment.units import Size, human_size
from chaos_mcp.faults._containers import LOOK, ContainerFault

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers, ContainerSeen, Limits
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

LEAST = 6 * 2**20
"""The least memory that an engine lets anybody have."""
PERIOD = 100_000
CLOSE = 1e-3


class ContainerLimit(ContainerFault):
    """Lower the limits of a container, as `docker update` does.

    With less processor time it is slow at everything. With less memory than it needs,
    the kernel ends what asks for more: out of memory.
    """

    kind: ClassVar[str] = "container.limit"
    example: ClassVar[str] = """\
fault: container.limit
name: starve the store
container: store
cpus: 0.1
memory: 64 MiB
for: 10s
"""
    undo_in_words: ClassVar[str] = "give the containers their old limits back"

    cpus: float | None = Field(
        default=None, ge=0.01, description="Cores that it may use, such as 0.5."
    )
    memory: Size | None = Field(
        default=None, ge=LEAST, description="Memory that it may use, swap included."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.cpus is None and self.memory is None:
            raise ValueError("say what is limited: `cpus`, `memory` or both")
        return self

    async def remember(self, world: World, seen: ContainerSeen) -> dict[str, Any]:
        """See that it runs, and has more than that."""
        if not seen.runs:
            raise FaultRefused(f"the container {seen.name} does not run")
        cores, memory = seen.limits.cores, seen.limits.memory
        if self.cpus is not None and cores is not None and cores <= self.cpus:
            raise FaultRefused(f"{seen.name} has no more than {cores:g} cores already")
        if self.memory is not None:
            if memory is not None and memory <= self.memory:
                had = human_size(memory)
                raise FaultRefused(f"{seen.name} has no more than {had} already")
            await self._fits(world, seen)
        return {"before": dict(seen.written)}

    async def _fits(self, world: World, seen: ContainerSeen) -> None:
        used = await world.containers.usage(seen)
        if used and self.memory is not None and used.memory >= self.memory:
            raise FaultRefused(
                f"{seen.name} uses {human_size(used.memory)}, which is more than that"
            )

    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """Change the limits: processor time by what the container has it in already.

        An engine refuses a quota where there are NanoCPUs, and the other way round.
        """
        del world
        wanted: dict[str, int] = {}
        if self.cpus is not None and one["before"]["NanoCpus"] > 0:
            wanted["NanoCpus"] = round(self.cpus * 1e9)
        elif self.cpus is not None:
            period = one["before"]["CpuPeriod"] or PERIOD
            wanted["CpuQuota"] = round(self.cpus * period)
        if self.memory is not None:
            wanted |= {"Memory": self.memory, "MemorySwap": self.memory}
        await engine.limit(one["id"], wanted)

    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """See the limits where they act, in the kernel, or else as the engine says."""
        while True:
            seen = await engine.look(one["id"])
            if seen is None:
                raise FaultUnproven(f"the container {one['name']} is gone")
            real = await engine.real_limits(seen)
            if seen.runs and self._holds(real or seen.limits):
                limits = real or seen.limits
                by = "kernel" if real else "engine"
                return {"cores": limits.cores, "memory": limits.memory, "seen": by}
            await anyio.sleep(LOOK)

    def _holds(self, limits: Limits) -> bool:
        cores, memory = limits.cores, limits.memory
        slow = self.cpus is None or (
            cores is not None and abs(cores - self.cpus) <= max(CLOSE, self.cpus / 100)
        )
        # The kernel counts in pages.
        small = self.memory is None or (memory is not None and memory <= self.memory)
        return slow and small

    async def restore(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> None:
        """Give the limits back, whatever state it is in."""
        del memo
        await engine.unlimit(one["id"], one["before"])

    async def restored(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> Any:
        """Compare with the limits before: those of the engine, and of the kernel."""
        del memo
        seen = await engine.look(one["id"])
        if seen is None:
            return "gone"
        wanted = {key: _none(value) for key, value in one["before"].items()}
        found = {key: _none(value) for key, value in seen.written.items()}
        real = await engine.real_limits(seen) if seen.runs else None
        if found != wanted or (real and self._squeezed(real, seen)):
            raise UndoFailed(f"the container {one['name']} is still limited: {found}")
        return {"cores": seen.limits.cores, "memory": seen.limits.memory}

    def _squeezed(self, real: Limits, seen: ContainerSeen) -> bool:
        """Tell whether the kernel still has less than the engine says."""
        told, kept = seen.limits.cores, real.cores
        slow = told is None if kept is not None else told is not None
        if told is not None and kept is not None:
            slow = abs(told - kept) > max(CLOSE, told / 100)
        return slow or real.memory != seen.limits.memory


def _none(value: int) -> int:
    """Return 0 for all that an engine takes for no limit."""
    return value if 0 < value < 2**62 else 0
