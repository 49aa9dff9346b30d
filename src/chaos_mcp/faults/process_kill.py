"""Kill a process: no time to say goodbye, and whatever it had in hand is lost."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any, ClassVar

import anyio

from chaos_mcp.errors import ActivityFailed, UndoFailed
from chaos_mcp.faults._owned import ENDED, owned, revive, runs, seen
from chaos_mcp.faults._processes import (
    everybody,
    members,
    newborn,
    spared,
    survivors,
)
from chaos_mcp.faults._target import ProcessFault

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

POLL = 0.005
PATIENCE = 1.0
"""Seconds that a supervisor has, before what it watches over is started anew."""


class ProcessKill(ProcessFault):
    """Kill a process, and all that it has started, with SIGKILL.

    One of the experiment's `system:` is started again at the end: with the same
    command, environment and address. If its own supervisor has done that, that is all
    right, too. Others stay dead, unless somebody else starts them: for those the
    experiment has to say `irreversible: true`.
    """

    kind: ClassVar[str] = "process.kill"
    example: ClassVar[str] = """\
fault: process.kill
name: the worker is killed
process: worker
for: 5s
"""
    undo_in_words: ClassVar[str] = "start the process of the system again if it is dead"

    def lasting(self) -> str:
        """Say that what we have not started stays dead."""
        if self.process is not None:
            return ""
        return "a process that is not of this experiment's `system:` stays dead"

    async def arm(self, world: World) -> Memo:
        """See that they are there, and how many there are that match."""
        return {**await super().arm(world), "matching": self.matching(world)}

    async def inject(self, world: World, memo: Memo) -> None:
        """Kill them, children born meanwhile as well, and see all of them dead."""
        for number, one in enumerate(members(memo)):
            there = world.processes.send(one, signal.SIGKILL)
            if not there and number < memo["roots"]:
                raise ActivityFailed(f"the process {one.pid} is gone")
        # What is on its way out would be taken for alive by whoever undoes at once.
        while survivors(world, await everybody(world, memo)):
            for one in await newborn(world, memo):
                world.processes.send(one, signal.SIGKILL)
            await anyio.sleep(POLL)

    async def prove(self, world: World, memo: Memo) -> Any:
        """See all of them dead, and nobody in their place that we would have put."""
        while survivors(world, members(memo)) or self._replaced(world):  # noqa: ASYNC110
            await anyio.sleep(POLL)
        return {"killed": len(memo["processes"])}

    def _replaced(self, world: World) -> bool:
        """Tell whether the process of the system runs, though it was to be killed."""
        whole = self.pattern is None and self.process is not None
        return whole and runs(world, self.process or "") is not None

    async def undo(self, world: World, memo: Memo) -> None:
        """Start what the run has started again; let a supervisor do so first."""
        if not owned(world, self.process) or await spared(world, members(memo)):
            return
        if runs(world, self.process or "") and not await self._supervised(world, memo):
            assert world.system is not None  # noqa: S101 - it is owned
            await world.system.restart(self.process or "")
        await revive(world, self.process)

    async def verify(self, world: World, memo: Memo) -> Any:
        """Look for the process of the system, and whether as many match as before."""
        if self.process is None:
            return {"left": "dead, unless somebody else has started them again"}
        if not owned(world, self.process):
            return dict(ENDED)
        found = seen(world, self.process)
        matching = self._again(world).matching(world)
        if matching < memo["matching"]:
            raise UndoFailed(f"{matching} of {memo['matching']} processes run again")
        return {**found, "matching": matching}

    async def _supervised(self, world: World, memo: Memo) -> bool:
        """Tell whether as many match as before, soon."""
        with anyio.move_on_after(PATIENCE):
            while self._again(world).matching(world) < memo["matching"]:  # noqa: ASYNC110
                await anyio.sleep(POLL)
            return True
        return False

    def _again(self, world: World) -> ProcessKill:
        """Return the fault with the number that the process of the system has now."""
        who = runs(world, self.process or "")
        return self.model_copy(update={"pid": who.pid}) if who else self
