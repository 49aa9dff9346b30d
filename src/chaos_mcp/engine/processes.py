"""The processes of a run's own system: started one after another, ended by group."""

from __future__ import annotations

import socket
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.engine import part
from chaos_mcp.engine.part import HOST
from chaos_mcp.errors import ActivityFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from anyio.abc import TaskGroup

    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.engine.part import Running
    from chaos_mcp.experiment.model import Process
    from chaos_mcp.machine.identity import Identity
    from chaos_mcp.plan.model import Question


def reserve(parts: Sequence[str]) -> dict[str, Any]:
    """Return an address for each part, on loopback, free at the moment."""
    names: dict[str, Any] = {}
    with ExitStack() as held:  # all at once, so that no two get the same port
        for name in parts:
            one = held.enter_context(closing(socket.socket()))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((HOST, 0))
            port = int(one.getsockname()[1])
            names |= {
                f"{name}.address": f"{HOST}:{port}",
                f"{name}.host": HOST,
                f"{name}.port": port,
            }
    return names


@dataclass(slots=True)
class Parts:
    """The processes of a system: started one after another, and again if need be."""

    ready: Mapping[str, Question]
    activities: Activities
    root: Path
    folder: Path
    watchers: TaskGroup
    started: dict[str, Running] = field(default_factory=dict)
    ended: bool = False
    """Whether the whole system is being ended: nothing is started any more."""
    _alone: anyio.Lock = field(default_factory=anyio.Lock)

    async def start(self, spec: Process, env: Mapping[str, str] | None = None) -> None:
        """Start a process, and wait until it is ready."""
        running = await part.start(
            spec, self.activities, self.root, self.folder, env or {}
        )
        self.started[spec.name] = running
        self.watchers.start_soon(part.watch, running, self.activities.journal)
        await part.await_ready(running, self.ready.get(spec.name), self.activities)

    def owns(self, name: str) -> bool:
        """Tell whether it is ours, and the system is not being ended."""
        return name in self.started and not self.ended

    def running(self, name: str) -> Identity | None:
        """Return who it is, unless it is dead, or will be in a moment."""
        return self.started[name].lives()

    async def restart(self, name: str, env: Mapping[str, str] | None = None) -> None:
        """End it with all that it has started, and start it again."""
        async with self._alone:
            if not self.owns(name):
                raise ActivityFailed(f"the process {name!r} is ended with the run")
            running = self.started[name]
            await part.stop(running, self.activities.journal)
            await self.start(running.spec, env)

    def names(self) -> Mapping[str, Any]:
        """Return the numbers that the processes have now."""
        return {f"{name}.pid": one.child.pid for name, one in self.started.items()}

    async def end(self) -> None:
        """End them all, the last one first."""
        self.ended = True
        for running in reversed(self.started.values()):
            await part.stop(running, self.activities.journal)


@asynccontextmanager
async def processes(
    specs: tuple[Process, ...],
    ready: Mapping[str, Question],
    activities: Activities,
    root: Path,
    folder: Path,
) -> AsyncIterator[Parts]:
    """Start processes one after another, each ready before the next; end them all."""
    async with anyio.create_task_group() as watchers:
        parts = Parts(ready, activities, root, folder, watchers)
        try:
            for spec in specs:
                await parts.start(spec)
            yield parts
        finally:
            with anyio.CancelScope(shield=True):
                await parts.end()
        watchers.cancel_scope.cancel()
