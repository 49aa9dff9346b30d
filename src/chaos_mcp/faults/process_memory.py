"""Use up the memory that a process shares with others by its cgroup's limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chaos_mcp.faults._memory import MemoryAmount
from chaos_mcp.faults._place import placed
from chaos_mcp.faults._stress import memo_of, refuse_twice
from chaos_mcp.faults._target import Targeted

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


class ProcessMemory(Targeted, MemoryAmount):
    """Put stressors that take up memory into the cgroup of a process.

    What there is, is what the limit of its cgroup leaves, or the machine's memory. A
    reserve of it stays: 256 MiB or 5 %, of little memory a quarter. Where the cgroup
    may not be joined, the evidence says so, and the memory is the machine's.
    """

    kind: ClassVar[str] = "process.memory"
    example: ClassVar[str] = """\
fault: process.memory
name: the worker has to share
process: worker
size: 128 MiB
for: 10s
"""

    async def arm(self, world: World) -> Memo:
        """See who it is, how much there is, and that no stressor is there yet."""
        await refuse_twice(world)
        places, memo = await placed(world, self.chosen(world))
        jobs = [job for pid, place in places for job in self.jobs(world, pid, **place)]
        return memo_of(world, jobs, **memo, pid=places[0][0])
