"""Set a process' clock wrong: its certificates, leases and timestamps are, too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, Self

import anyio
from pydantic import Field, model_validator

from chaos_mcp.adapters.clocks import environment
from chaos_mcp.errors import ActivityFailed, FaultRefused, UndoFailed
from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._owned import ENDED, owned, revive, runs, seen
from chaos_mcp.faults.base import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

POLL = 0.05
NEAR = 2.0
"""Seconds by which the clock that was seen may differ from what was asked for."""


class ClockSkew(Fault):
    """Start a process of the system again, with a time of day that is off.

    It sees another time by libfaketime (Debian's package `faketime`), loaded into it
    and into all that it starts; what it waits for takes as long as ever. At the end it
    is started again without. So it is a restart, too, at both ends: an experiment that
    should tell the two apart kills the process first. Programs that ask the kernel by
    themselves, as Go's do, do not see it, though the proof cannot tell that. With
    libfaketime 0.9.10, `time.sleep` of Python 3.11 and later fails; waiting for events
    and locks, as servers do, is as ever.
    """

    kind: ClassVar[str] = "clock.skew"
    example: ClassVar[str] = """\
fault: clock.skew
name: the worker lives tomorrow
process: worker
ahead: 1d
for: 10s
"""
    undo_in_words: ClassVar[str] = "start the process again with the machine's clock"

    process: str = Field(description="A process of the experiment's `system:`.")
    pid: int | None = Field(default=None, ge=0, description="Its number: follows.")
    ahead: Duration | None = Field(default=None, description="How far it is ahead.")
    behind: Duration | None = Field(default=None, description="Or how far behind.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.ahead) == bool(self.behind):
            raise ValueError("say how far it is off, by one of `ahead` and `behind`")
        return self

    @property
    def seconds(self) -> float:
        """Return how far the clock is ahead; negative: behind."""
        return self.ahead or -(self.behind or 0.0)

    def late(self) -> Mapping[str, str]:
        """Return its number, which is known once it runs."""
        return {"pid": f"${{{self.process}.pid}}"}

    def targets(self) -> tuple[str, ...]:
        """Return the process."""
        return (f"process:{self.process}",)

    async def arm(self, world: World) -> Memo:
        """See that it is ours, has the right clock, and can be given a wrong one."""
        who = runs(world, self.process) if owned(world, self.process) else None
        if who is None:
            raise FaultRefused(f"there is no process {self.process!r} that we started")
        if world.clocks.skewed(who):
            raise FaultRefused(f"the clock of {self.process!r} is off already")
        library = world.clocks.library()
        if not library:
            raise FaultRefused(
                "libfaketime is not installed (Debian: apt-get install faketime)"
            )
        return {"process": self.process, "library": library, **who.as_json()}

    async def inject(self, world: World, memo: Memo) -> None:
        """Start it again with the library loaded."""
        if world.system is None:
            raise ActivityFailed("only the run can start what it has started again")
        inherited = os.environ.get("LD_PRELOAD", "")
        wrong = environment(memo["library"], self.seconds, inherited)
        await world.system.restart(self.process, wrong)

    async def prove(self, world: World, memo: Memo) -> Any:
        """See that it has the library, and which time that shows."""
        while True:
            who = runs(world, self.process)
            if who and world.clocks.loaded(who, memo["library"]):
                offset = await world.clocks.offset(who)
                if offset is not None and abs(offset - self.seconds) < NEAR:
                    return {"offset_seconds": round(offset, 3), "asked": self.seconds}
            await anyio.sleep(POLL)

    async def undo(self, world: World, memo: Memo) -> None:
        """Start it again as it was, if its clock is off; or if it is dead."""
        del memo
        if owned(world, self.process) and world.system:
            who = runs(world, self.process)
            if who and world.clocks.skewed(who):
                traces = world.clocks.traces(who)
                await world.system.restart(self.process)
                for one in traces:
                    one.unlink(missing_ok=True)
        await revive(world, self.process)

    async def verify(self, world: World, memo: Memo) -> Any:
        """Look into its memory for the library."""
        if not owned(world, self.process):
            return dict(ENDED)
        found = seen(world, self.process)
        who = runs(world, self.process)
        if who and world.clocks.loaded(who, memo["library"]):
            raise UndoFailed(f"the clock of {self.process!r} is still off")
        return {**found, "offset_seconds": 0}
