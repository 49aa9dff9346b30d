"""A small world of processes in which numbers are reused at will."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.local import ProcessSeen
from chaos_mcp.adapters.world import World
from chaos_mcp.machine.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.adapters.local import Disposition

WORDS = {signal.SIGSTOP: "stop", signal.SIGCONT: "resume"}


@dataclass
class FakeProcesses:
    """Processes by number, and every signal that one of them was sent."""

    alive: dict[int, ProcessSeen] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    now: float = 100.0
    forbidden: set[int] = field(default_factory=set)
    ours: frozenset[int] = frozenset({1, 2})
    namespace: str = "pid:[1]"
    on_stop: Callable[[int], None] | None = None
    dispositions: dict[tuple[int, int], Disposition] = field(default_factory=dict)
    pending: set[tuple[int, int]] = field(default_factory=set)
    commands: dict[int, str] = field(default_factory=dict)
    deaf: set[int] = field(default_factory=set)
    """Those that no signal reaches."""

    def born(self, pid: int, parent: int = 2, **changes: Any) -> ProcessSeen:
        """Have a process begin now, in place of whoever had its number."""
        self.now += 1
        who = Identity(pid, f"{self.now}", "boot", "pid:[1]")
        one = ProcessSeen(who, self.now, parent, parent, "S", 0.0, f"p{pid}")
        self.alive[pid] = replace(one, **changes)
        return self.alive[pid]

    def clock(self) -> float:
        return self.now

    def space(self) -> str:
        return self.namespace

    def protected(self) -> dict[int, str]:
        return dict.fromkeys(self.ours, "our own life depends on it")

    def command(self, pid: int) -> str:
        return self.commands.get(pid, "")

    async def everyone(self) -> list[ProcessSeen]:
        return list(self.alive.values())

    def at_once(self) -> list[ProcessSeen]:
        return list(self.alive.values())

    def look(self, pid: int) -> ProcessSeen | None:
        return self.alive.get(pid)

    def allowed(self, pid: int) -> bool:
        return pid not in self.forbidden

    def send(self, who: Identity, number: signal.Signals) -> bool:
        one = self.alive.get(who.pid)
        if one is None or one.who != who:
            return False
        if who.pid in self.forbidden:
            raise PermissionError(1, "Operation not permitted")
        self.sent.append(f"{WORDS.get(number, number.name)} {who.pid}")
        if who.pid not in self.deaf:
            self._meet(one, number)
        if number == signal.SIGSTOP and self.on_stop:
            self.on_stop(who.pid)
        return True

    def _meet(self, one: ProcessSeen, number: signal.Signals) -> None:
        if number == signal.SIGKILL:
            del self.alive[one.pid]
        else:
            state = {signal.SIGSTOP: "T", signal.SIGCONT: "S"}.get(number, one.state)
            self.alive[one.pid] = replace(one, state=state)

    def disposition(self, who: Identity, number: signal.Signals) -> Disposition:
        return self.dispositions.get((who.pid, number), "default")

    def waits(self, who: Identity, number: signal.Signals) -> bool:
        return (who.pid, number) in self.pending

    def stopped(self, who: Identity) -> bool:
        one = self.alive.get(who.pid)
        return one is not None and one.who == who and one.state == "T"


def world_of(processes: FakeProcesses) -> World:
    return World(processes=processes, owner="chaos-test-1")
