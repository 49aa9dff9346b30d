"""Use up the processor time of a process: it gets less, and so is slower."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from chaos_mcp.adapters.stress import Job
from chaos_mcp.faults._place import placed
from chaos_mcp.faults._stress import CpuStress, memo_of, refuse_twice, seconds
from chaos_mcp.faults._target import Targeted

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


class ProcessCpu(Targeted, CpuStress):
    """Put stressors beside a process: on its processors, and in its cgroup.

    Where they may join the cgroup, what limits the process limits them together;
    where they may not, the evidence says so, and they compete with it as any other
    process does. They end with the fault, with the runner, and after their time.
    """

    kind: ClassVar[str] = "process.cpu"
    example: ClassVar[str] = """\
fault: process.cpu
name: the worker has to share
process: worker
load: 50%
for: 10s
"""

    cores: int = Field(
        default=1, ge=1, description="How many stressors a process gets beside it."
    )

    async def arm(self, world: World) -> Memo:
        """See who it is, where it runs, and that no stressor of ours is there yet."""
        await refuse_twice(world)
        places, memo = await placed(world, self.chosen(world))
        jobs = [
            Job(seconds(world), load=self.load, nice=self.nice, **place)
            for _, place in places
            for _ in range(self.cores)
        ]
        return memo_of(world, jobs, **memo)
