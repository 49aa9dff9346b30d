"""A run from beginning to end, and every way out of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.adapters.world import World
from chaos_mcp.engine import signals
from chaos_mcp.engine.activity import Activities
from chaos_mcp.engine.hooks import NoHooks
from chaos_mcp.engine.hypothesis import Hypothesis
from chaos_mcp.engine.injection import Injections, words
from chaos_mcp.engine.method import Method
from chaos_mcp.engine.phases import Phases
from chaos_mcp.engine.recovery import Goodput
from chaos_mcp.engine.safeguards import Safeguards
from chaos_mcp.engine.stop import Stop
from chaos_mcp.engine.system import open_system
from chaos_mcp.errors import ChaosError, RunInterrupted
from chaos_mcp.events import RunEnded
from chaos_mcp.plan.model import Guard, TrafficGuard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from anyio.abc import TaskGroup

    from chaos_mcp.engine.hooks import Hooks
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.plan.model import Plan
    from chaos_mcp.terms import Cause


@dataclass(slots=True)
class Runner:
    """Carries out one plan."""

    plan: Plan
    journal: Journal
    folder: Path
    phases: Phases
    stop: Stop
    handle_signals: bool = True

    async def run(self) -> None:
        """Carry the plan out; nothing of it stands then, or the journal says so."""
        async with anyio.create_task_group() as outer:
            await self._watch_over(outer)
            try:
                await self._capture()
            finally:
                with anyio.CancelScope(shield=True):
                    await self.phases.injections.undo_all()
            outer.cancel_scope.cancel()
        self.journal.record(RunEnded())

    async def _watch_over(self, outer: TaskGroup) -> None:
        """Start what must outlive the run, since it stops and undoes it."""
        if self.handle_signals:
            await outer.start(signals.watch, self.stop, self.phases.injections)
        outer.start_soon(self._undo_when_stopped)
        if self.plan.timing.deadline is not None:
            outer.start_soon(self._deadline, self.plan.timing.deadline)

    async def _undo_when_stopped(self) -> None:
        """Undo at once, while whatever blocks is still being cancelled."""
        await self.stop.pulled.wait()
        await self.phases.injections.undo_all()

    async def _deadline(self, seconds: float) -> None:
        await anyio.sleep(seconds)
        self.stop.pull("deadline", f"the run took longer than its {seconds:g} s")

    async def _capture(self) -> None:
        """Turn what goes wrong on the way into the reason why the run was stopped."""
        try:
            with self.stop.scope:
                await self._inside()
        except* (ChaosError, OSError) as group:
            reasons = [words(error) for error in leaves(group)]
            meant = any(isinstance(one, RunInterrupted) for one in leaves(group))
            cause: Cause = "control" if meant else "error"
            self.stop.pull(cause, "; ".join(dict.fromkeys(reasons)))

    async def _inside(self) -> None:
        hooks = self.phases.activities.hooks
        async with self._system():
            await hooks.before("experiment", self.plan)
            try:
                await self.phases.run()
            finally:
                with anyio.CancelScope(shield=True):
                    await self.phases.injections.undo_all()
                    await self.phases.roll_back()
                    await hooks.after("experiment", self.plan, self._state())

    def _state(self) -> str:
        """Return how the run ended, in Chaos Toolkit's words."""
        return "aborted" if self.stop.cause else "completed"

    @asynccontextmanager
    async def _system(self) -> AsyncIterator[None]:
        activities = self.phases.activities
        async with open_system(self.plan, activities, self.folder) as world:
            self.phases.enter(world, activities.scope)
            yield


def leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Yield the exceptions that a group holds, however deep."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


async def execute(
    plan: Plan,
    journal: Journal,
    folder: Path,
    *,
    hooks: Hooks | None = None,
    handle_signals: bool = False,
) -> None:
    """Carry out a plan and write all of it down in the journal.

    Signals are taken only if asked for, since a host program may want its own.
    """
    activities = Activities(journal, World(), plan.scope, hooks or NoHooks())
    stop = Stop(journal)
    phases = _phases(plan, activities, stop)
    await Runner(plan, journal, folder, phases, stop, handle_signals).run()


def _phases(plan: Plan, activities: Activities, stop: Stop) -> Phases:
    journal, scope = activities.journal, activities.scope
    injections = Injections(journal, activities.world, scope)
    if plan.timing.deadline is not None:
        injections.longest = plan.timing.deadline
    probes = [guard for guard in plan.safeguards if isinstance(guard, Guard)]
    traffic = [guard for guard in plan.safeguards if isinstance(guard, TrafficGuard)]
    return Phases(
        plan=plan,
        activities=activities,
        injections=injections,
        safeguards=Safeguards(probes, traffic, activities, stop),
        hypothesis=Hypothesis(plan.hypothesis, activities, plan.timing.every),
        method=Method(plan.steps, activities, injections),
        goodput=Goodput(plan.settings, journal.now),
        stop=stop,
    )
