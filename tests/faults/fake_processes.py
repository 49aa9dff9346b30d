"""A small world of processes in which numbers are reused at will."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.local import ProcessSeen
from chaos_mcp.adapters.world import World

if TYPE_CHECKING:
    from collections.abc import Callable


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
    deaf: set[int] = field(default_factory=set)
    """Those that no signal reaches."""

    def born(self, pid: int, parent: int = 2, **changes: Any) -> ProcessSeen:
        """Have a process begin now, in place of whoever had its number."""
        self.now += 1
        one = ProcessSeen(
            pid, f"boot:{self.now}", self.now, parent, parent, "S", 0.0, f"p{pid}"
        )
        self.alive[pid] = replace(one, **changes)
        return self.alive[pid]

    def clock(self) -> float:
        return self.now

    def space(self) -> str:
        return self.namespace

    def ourselves(self) -> frozenset[int]:
        return self.ours

    async def everyone(self) -> list[ProcessSeen]:
        return list(self.alive.values())

    def look(self, pid: int) -> ProcessSeen | None:
        return self.alive.get(pid)

    def allowed(self, pid: int) -> bool:
        return pid not in self.forbidden

    def stop(self, pid: int, birth: str) -> bool:
        return self._send(pid, birth, "stop", "T")

    def resume(self, pid: int, birth: str) -> bool:
        return self._send(pid, birth, "resume", "S")

    def _send(self, pid: int, birth: str, what: str, state: str) -> bool:
        one = self.alive.get(pid)
        if one is None or one.birth != birth:
            return False
        if pid in self.forbidden:
            raise PermissionError(1, "Operation not permitted")
        self.sent.append(f"{what} {pid}")
        if pid not in self.deaf:
            self.alive[pid] = replace(one, state=state)
        if what == "stop" and self.on_stop:
            self.on_stop(pid)
        return True

    def stopped(self, pid: int, birth: str) -> bool:
        one = self.alive.get(pid)
        return one is not None and one.birth == birth and one.state == "T"


def world_of(processes: FakeProcesses) -> World:
    return World(processes=processes, owner="chaos-test-1")
