"""How much memory is taken up, and how much of it others keep, whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import anyio
from pydantic import Field, model_validator

from chaos_mcp.adapters.stress import Job
from chaos_mcp.errors import FaultRefused
from chaos_mcp.experiment.units import Share, Size, human_size
from chaos_mcp.faults._stress import POLL, StressFault, evidence, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.adapters.stress import Memory
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

RESERVE = 2**28
OF_ALL = 0.05
"""The share of the memory that is kept, where that is more than the reserve."""
SMALL = 0.25
"""The share of little memory, as in a container, that is reserve enough."""
EACH = 2**31
"""Bytes that one stressor takes at most, while there are processors for more."""
NEARLY = 0.97
SLACK = 2**25


class MemoryAmount(StressFault):
    """Stressors that take up memory: really, page by page.

    A reserve always stays, and is given back if somebody else comes to need it: 256
    MiB or 5 % of what there is, of little memory a quarter. Where it runs out all the
    same, the kernel ends the stressors first.
    """

    undo_in_words: ClassVar[str] = "end the stressors that carry our tag"

    to: Share | None = Field(
        default=None, gt=0, description="How full it gets, of all the memory there is."
    )
    leave: Size | None = Field(default=None, description="Or how much stays available.")
    size: Size | None = Field(default=None, gt=0, description="Or how much we take.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.to, self.leave, self.size)) != 1:
            raise ValueError("say how much, by one of `to`, `leave` and `size`")
        return self

    def bytes_of(self, memory: Memory) -> int:
        """Return how much is taken; refuse if that is nothing, or too much."""
        used = memory.total - memory.available
        take = memory.available - (self.leave or 0)
        if self.to is not None:
            take = int(self.to * memory.total) - used
        if self.size is not None:
            take = self.size
        there = f"{human_size(memory.available)} of {human_size(memory.total)} are free"
        if take <= 0:
            raise FaultRefused(f"there is no more memory than that: {there}")
        if memory.available - take < (kept := reserve(memory)):
            raise FaultRefused(
                f"taking {human_size(take)} would not leave the reserve of "
                f"{human_size(kept)}: {there}"
            )
        return take

    def jobs(self, world: World, pid: int, **place: Any) -> Iterator[Job]:
        """Yield what each stressor does for the memory that there is to a process."""
        memory = world.stressors.memory(pid)
        take = self.bytes_of(memory)
        number = min(world.stressors.processors(), -(-take // EACH))
        for index in range(number):
            yield Job(
                seconds(world),
                bytes=take // number + (take % number if index == 0 else 0),
                reserve=reserve(memory),
                nice=self.nice,
                limits=world.stressors.limits(pid),
                **place,
            )

    async def prove(self, world: World, memo: Memo) -> Any:
        """Measure what is resident; or that there is no more than the reserve."""
        asked = sum(one["bytes"] for one in memo["jobs"])
        kept = max(one["reserve"] for one in memo["jobs"])
        while True:
            uses = await world.stressors.use(memo["tag"])
            resident = sum(one.resident for one in uses)
            available = world.stressors.memory(memo["pid"]).available
            tight = resident > 0 and available < kept + SLACK
            if resident >= asked * NEARLY or tight:
                return {
                    "resident_bytes": resident,
                    "asked_bytes": asked,
                    "available_bytes": available,
                    **evidence(memo),
                }
            await anyio.sleep(POLL)


def reserve(memory: Memory) -> int:
    """Return what others keep."""
    return int(max(min(RESERVE, memory.total * SMALL), memory.total * OF_ALL))
