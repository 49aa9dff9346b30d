"""Use up the processors of this machine: everything on it gets slower."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from chaos_mcp.adapters.stress import Job
from chaos_mcp.faults._stress import CpuStress, memo_of, refuse_twice, seconds

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


class HostCpu(CpuStress):
    """Keep processors busy with stressors, each with a share of one.

    They give way a little to all others (`nice`), so that the runner lives. They end
    with the fault, with the runner, and after their time.
    """

    kind: ClassVar[str] = "host.cpu"
    example: ClassVar[str] = """\
fault: host.cpu
name: a neighbour that computes
cores: 1
load: 50%
for: 10s
"""

    cores: int | None = Field(
        default=None, ge=1, description="On how many; by default, on all that we have."
    )

    def targets(self) -> tuple[str, ...]:
        """Return the processors, which all share."""
        return ("host:cpu",)

    async def arm(self, world: World) -> Memo:
        """See that none of ours runs yet."""
        await refuse_twice(world)
        job = Job(seconds(world), load=self.load, nice=self.nice)
        return memo_of(world, [job] * (self.cores or world.stressors.processors()))
