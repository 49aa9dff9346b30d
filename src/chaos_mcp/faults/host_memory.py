"""Use up the memory of this machine, but for what it needs to live."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from chaos_mcp.faults._memory import MemoryAmount
from chaos_mcp.faults._stress import memo_of, refuse_twice

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


class HostMemory(MemoryAmount):
    """Take up memory, page by page, as far as a reserve.

    256 MiB or 5 % of what there is always stay, of little memory a quarter; they are
    given back if somebody else comes to need them. Where memory runs out all the same,
    the kernel ends the stressors first. In a container, what there is is its own.
    """

    kind: ClassVar[str] = "host.memory"
    example: ClassVar[str] = """\
fault: host.memory
name: a neighbour that hoards
to: 80%
for: 10s
"""

    def targets(self) -> tuple[str, ...]:
        """Return the memory, which all share."""
        return ("host:memory",)

    async def arm(self, world: World) -> Memo:
        """See that there is so much, and that none of ours runs yet."""
        await refuse_twice(world)
        us = os.getpid()
        return memo_of(world, self.jobs(world, us), pid=us)
