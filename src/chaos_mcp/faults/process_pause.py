"""Freeze a process: it keeps its sockets, locks and memory, and answers nothing."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any, ClassVar

import anyio

from chaos_mcp.errors import ActivityFailed, FaultUnproven
from chaos_mcp.faults._processes import (
    HELD,
    await_running,
    let_go,
    living,
    members,
    newborn,
    same_space,
)
from chaos_mcp.faults._target import ProcessFault

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo
    from chaos_mcp.machine.identity import Identity

LOOK = 0.05
"""Seconds over which a frozen process must use no processor time; five ticks."""
STILL = (*HELD, "D")
"""States in which nothing runs; a stop waits for what sleeps in the kernel (D)."""


class ProcessPause(ProcessFault):
    """Stop a process, and all that it has started, with SIGSTOP.

    Nobody is told: the kernel goes on accepting connections and data for it, so
    whoever asks it waits. A long garbage collection, a suspended virtual machine and
    a starved host look like that from outside.
    """

    kind: ClassVar[str] = "process.pause"
    example: ClassVar[str] = """\
fault: process.pause
name: freeze the worker
process: worker
for: 5s
"""
    undo_in_words: ClassVar[str] = "let the processes that we stopped run on (SIGCONT)"

    async def inject(self, world: World, memo: Memo) -> None:
        """Stop parents before their children, until no child is left that runs."""
        for number, one in enumerate(members(memo)):
            there = world.processes.send(one, signal.SIGSTOP)
            if not there and number < memo["roots"]:
                raise ActivityFailed(f"the process {one.pid} is gone")
        stopped: set[Identity] = set()
        while new := {*await newborn(world, memo)} - stopped:
            for one in new:
                world.processes.send(one, signal.SIGSTOP)
            stopped |= new

    async def prove(self, world: World, memo: Memo) -> Any:
        """See every one of them stopped, and using no processor time."""
        while True:
            first = await living(world, memo)
            if not first:
                raise FaultUnproven("none of the processes is left")
            await anyio.sleep(LOOK)
            later = await living(world, memo)
            ran = sum(one.cpu for one in later) - sum(one.cpu for one in first)
            if ran <= 0 and all(one.state in STILL for one in later):
                return {"stopped": len(later), "ran_seconds": 0, "looked_for": LOOK}

    async def undo(self, world: World, memo: Memo) -> None:
        """Let them run on, children first; who merely has the number is left alone."""
        same_space(world, memo)
        await let_go(world, memo)

    async def verify(self, world: World, memo: Memo) -> Any:
        """Ask psutil until none of them is stopped any more."""
        same_space(world, memo)
        return await await_running(world, memo)
