"""Send a process a signal: to stop it, to reload it, to see what it makes of it."""

from __future__ import annotations

from signal import Signals
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field, field_validator

from chaos_mcp.errors import ActivityFailed, FaultRefused, FaultUnproven
from chaos_mcp.faults._owned import owned, revive, seen
from chaos_mcp.faults._processes import (
    HELD,
    await_running,
    let_go,
    living,
    members,
    same_space,
)
from chaos_mcp.faults._target import ProcessFault

if TYPE_CHECKING:
    from chaos_mcp.adapters.local import Disposition
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

POLL = 0.005
STOPPING = ("SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU")
"""What stops a process, if it lets that happen; SIGCONT takes it back."""
IDLE = ("SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH")
"""What does nothing to a process that does not catch it."""
GOODBYE = ("SIGABRT", "SIGINT", "SIGQUIT", "SIGTERM")
"""What a process catches in order to end well."""


class ProcessSignal(ProcessFault):
    """Send processes a signal, by name: SIGHUP, SIGUSR1, SIGSTOP, SIGTERM.

    What stops a process is taken back with SIGCONT. A signal that it catches is its
    own affair, and nothing is to be taken back; where it ends of it, one of the
    experiment's `system:` is started again. What would end it uncaught is refused, as
    that is `process.kill`, and so is what would do nothing.
    """

    kind: ClassVar[str] = "process.signal"
    example: ClassVar[str] = """\
fault: process.signal
name: the worker is told to reload
process: worker
signal: SIGHUP
for: 5s
"""
    undo_in_words: ClassVar[str] = (
        "let what was stopped run on (SIGCONT), start what ended of it again if it is "
        "of the system"
    )

    signal: str = Field(description="The name of the signal, such as SIGHUP.")
    tree: bool = Field(
        default=False, description="Whether all that it has started gets it as well."
    )

    @field_validator("signal")
    @classmethod
    def _known(cls, name: str) -> str:
        full = name.upper() if name.upper().startswith("SIG") else f"SIG{name.upper()}"
        if full not in Signals.__members__:
            raise ValueError(f"no signal is called {name!r}")
        if full == "SIGKILL":
            raise ValueError("that is the fault `process.kill`")
        return full

    @property
    def number(self) -> Signals:
        """Return the signal."""
        return Signals[self.signal]

    def lasting(self) -> str:
        """Say that what says goodbye stays away if nobody here has started it."""
        if self.process is None and self.signal in GOODBYE:
            return f"a process that ends of {self.signal} stays away"
        return ""

    async def arm(self, world: World) -> Memo:
        """See that they are there, and that the signal does something to them."""
        memo = await super().arm(world)
        for who in members(memo):
            why = self._objection(world.processes.disposition(who, self.number))
            if why:
                raise FaultRefused(f"the process {who.pid} {why}")
        return memo

    def _objection(self, disposition: Disposition) -> str:
        if disposition == "ignored":
            return f"ignores {self.signal}"
        if disposition == "default" and self.signal in IDLE:
            return f"does not catch {self.signal}, which then does nothing"
        if disposition == "default" and self.signal not in STOPPING:
            return f"does not catch {self.signal}, and would be ended: `process.kill`"
        return ""

    async def inject(self, world: World, memo: Memo) -> None:
        """Send it, to parents before their children."""
        for number, one in enumerate(members(memo)):
            there = world.processes.send(one, self.number)
            if not there and number < memo["roots"]:
                raise ActivityFailed(f"the process {one.pid} is gone")

    async def prove(self, world: World, memo: Memo) -> Any:
        """See them stopped; or that the signal has reached them, and what they did."""
        while True:
            left = await living(world, memo)
            if self.signal in STOPPING:
                if not left:
                    raise FaultUnproven("none of the processes is left")
                if all(one.state in HELD for one in left):
                    return {"stopped": len(left)}
            elif not any(world.processes.waits(one.who, self.number) for one in left):
                gone = len(memo["processes"]) - len(left)
                return {"reached": len(memo["processes"]), "ended": gone}
            await anyio.sleep(POLL)

    async def undo(self, world: World, memo: Memo) -> None:
        """Let them run on; start what ended again, if that is ours."""
        same_space(world, memo)
        if self.signal in STOPPING:
            await let_go(world, memo)
        await revive(world, self.process)

    async def verify(self, world: World, memo: Memo) -> Any:
        """See none of them stopped, and the process of the system running."""
        same_space(world, memo)
        found = await await_running(world, memo)
        ours = owned(world, self.process)
        return {**found, **(seen(world, self.process or "") if ours else {})}
