"""A system that a run has started: one process, which it can start again."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.adapters.clocks import MEMORY
from chaos_mcp.adapters.world import World
from chaos_mcp.engine.activity import Activities
from chaos_mcp.engine.hooks import NoHooks
from chaos_mcp.engine.processes import Parts, processes, reserve
from chaos_mcp.experiment.model import Process
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.journal.log import Journal
from chaos_mcp.plan.model import Call, Question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NAME = "worker"
OWNED = ("process.kill", "clock.skew")
"""Faults that only a run can take back whose own the process is."""
SERVES = "while :; do sleep 0.05; done"
BIG = 'x=$(head -c 60000000 /dev/zero | tr "\\0" x); while :; do sleep 0.2; done'
"""A shell that needs a moment to give all of its memory back when it is killed."""
FULL = 14_000
"""The pages that it has by then."""
MINE = {"COLOUR": "green"}


@dataclass
class Own:
    """The system, and how its process is seen from outside."""

    parts: Parts

    @property
    def pid(self) -> int:
        """Return the number that the process has now."""
        return int(self.parts.names()[f"{NAME}.pid"])

    def environment(self) -> dict[str, str]:
        """Return the environment with which the process was started."""
        text = Path(f"/proc/{self.pid}/environ").read_bytes().decode()
        return dict(one.split("=", 1) for one in text.split("\0") if one)

    def state(self) -> Any:
        """Return whether it runs, by what command, and with what of our environment."""
        if self.parts.running(NAME) is None:
            return "dead"
        command = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
        passing = ("_", "PWD", "PYTEST_CURRENT_TEST")
        found = self.environment()
        kept = {key: value for key, value in found.items() if key not in passing}
        return command, kept, str(Path(f"/proc/{self.pid}/cwd").readlink())


def always(answer: Callable[[], Any] = lambda: True) -> Question:
    """Return a question that is answered at once."""

    async def ask(_: World) -> Any:
        return answer()

    return Question(Call("ready", "", lambda _: ask), lambda _: ("held", ""))


@asynccontextmanager
async def own_system(folder: Path, script: str = SERVES) -> AsyncIterator[Own]:
    """Start a process as the runner does, and end it."""
    spec = Process(name=NAME, command=("sh", "-c", script), env=MINE)
    journal = Journal(folder, "test")
    activities = Activities(journal, World(), Scope(), NoHooks())
    activities.scope = activities.scope.knowing(reserve([NAME]))
    started = processes((spec,), {NAME: always()}, activities, folder, folder)
    async with started as parts:
        own = Own(parts)
        with anyio.fail_after(10):  # what keeps it on a leash becomes it
            while not own.state()[0][0].endswith(b"sh"):  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.005)
        yield own
    journal.close()
    for event in journal.events:  # what was killed with its clock off
        for left in MEMORY.glob(f"*faketime*_{getattr(event, 'pid', '')}"):
            left.unlink()


def resident(pid: int) -> int:
    """Return how many pages of memory a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
