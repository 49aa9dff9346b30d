"""A run from beginning to end, and every way out of it."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from subprocess import PIPE
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.adapters.world import World
from chaos_mcp.engine import signals
from chaos_mcp.engine.activity import Activities
from chaos_mcp.engine.guarded import NoGuardian
from chaos_mcp.engine.guarding import GuardianProcess
from chaos_mcp.engine.hooks import NoHooks
from chaos_mcp.engine.hypothesis import Hypothesis
from chaos_mcp.engine.injection import Injections
from chaos_mcp.engine.method import Method
from chaos_mcp.engine.phases import Phases
from chaos_mcp.engine.recovery import Goodput
from chaos_mcp.engine.safeguards import Safeguards
from chaos_mcp.engine.status import holds
from chaos_mcp.engine.stop import Stop
from chaos_mcp.engine.system import open_system
from chaos_mcp.engine.undoing import words
from chaos_mcp.errors import (
    ChaosError,
    JournalFailed,
    PartMissing,
    RunInterrupted,
)
from chaos_mcp.events import RunEnded
from chaos_mcp.journal.ledger import anything_open
from chaos_mcp.machine import index
from chaos_mcp.machine.halt import halted
from chaos_mcp.machine.place import state_folder
from chaos_mcp.plan.model import Guard, Harm, TrafficGuard, bounds_of
from chaos_mcp.terms import LEASE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from anyio.abc import TaskGroup

    from chaos_mcp.engine.hooks import Hooks
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.machine.index import Entry
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
    guardian: GuardianProcess | None = None

    async def run(self) -> None:
        """Carry the plan out; nothing of it stands then, or the journal says so."""
        async with anyio.create_task_group() as outer:
            await self._watch_over(outer)
            ended = False
            try:
                await self._capture()
                ended = True
            finally:
                with anyio.CancelScope(shield=True):
                    await self._put_back(ended=ended)
            outer.cancel_scope.cancel()

    async def _put_back(self, *, ended: bool) -> None:
        """Undo what stands; whatever comes of that, the guardian is to know."""
        try:
            await self.phases.injections.undo_all()
        finally:
            self._finish(ended=ended)
            await self._release()

    def _finish(self, *, ended: bool) -> None:
        """Write the end down, whatever the disk thinks of it, and put the pen down."""
        if ended:
            self.phases.injections.undoing.note(RunEnded())
        with suppress(OSError, JournalFailed):
            self.journal.close()

    async def _release(self) -> None:
        """Let the guardian go, or go on if something still stands."""
        if self.guardian:
            left = anything_open(self.journal.events)
            await self.guardian.release(left=left)

    async def _watch_over(self, outer: TaskGroup) -> None:
        """Start what must outlive the run, since it stops and undoes it."""
        if self.handle_signals:
            await outer.start(signals.watch, self.stop, self.phases.injections)
        if self.guardian:
            try:
                await outer.start(self.guardian.run)
            except PartMissing as error:
                self.stop.pull("error", str(error))
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
            try:
                # Probes have given the rest of the configuration by now.
                scope = self.phases.activities.scope
                await hooks.before("experiment", replace(self.plan, scope=scope))
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
        lifeline = self.guardian.lifeline if self.guardian else PIPE
        async with open_system(self.plan, activities, self.folder, lifeline) as world:
            self.phases.enter(world, activities.scope)
            yield


def leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Yield the exceptions that a group holds, however deep."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


@dataclass(frozen=True, slots=True)
class Around:
    """How a run is carried out, where the plan does not say it."""

    hooks: Hooks = field(default_factory=NoHooks)
    handle_signals: bool = False
    """Take SIGINT, SIGTERM and SIGHUP; a host program may want them itself."""
    lease: float = LEASE
    entry: Entry | None = None
    """The run in the machine-wide index."""


async def execute(
    plan: Plan, journal: Journal, folder: Path, around: Around | None = None
) -> None:
    """Carry out a plan, write all of it down in the journal, and close that."""
    around = around or Around()
    world = World(
        keep=(str(folder), str(state_folder())),
        bounds=bounds_of(plan.experiment.blast_radius, journal.run),
    )
    activities = Activities(journal, world, plan.scope, around.hooks)
    stop = Stop(journal)
    guardian = _guardian(plan, folder, around, stop)
    phases = _phases(plan, activities, stop, around, guardian)
    runner = Runner(
        plan, journal, folder, phases, stop, around.handle_signals, guardian
    )
    await runner.run()


def _guardian(
    plan: Plan, folder: Path, around: Around, stop: Stop
) -> GuardianProcess | None:
    """Return who is to undo when we cannot, where there is anything to undo."""
    if not plan.may_leave_something:
        return None
    kinds = {step.kind for step in plan.steps if isinstance(step, Harm)}
    made = GuardianProcess(folder, around.lease, tuple(sorted(kinds)), _server(plan))
    made.lost = lambda why: stop.pull("error", why)
    made.beat = lambda: _sign_of_life(around.entry, stop)
    return made


def _server(plan: Plan) -> str:
    system = plan.experiment.system
    engine = ["docker"] if system and system.containers else []
    if plan.proxied:
        engine.append("toxiproxy" if plan.toxiproxy else "embedded")
    return ",".join(engine)


def _sign_of_life(entry: Entry | None, stop: Stop) -> None:
    """Let others see that we live, and see whether they want us to stop."""
    if entry:
        index.renew(entry)
    with suppress(ChaosError):  # no folder to look in: nobody can have halted us
        if word := halted():
            stop.pull("operator", f"{word.by} halted all runs: {word.reason}")


def _phases(
    plan: Plan,
    activities: Activities,
    stop: Stop,
    around: Around,
    guardian: GuardianProcess | None,
) -> Phases:
    journal, scope = activities.journal, activities.scope
    injections = Injections(journal, activities.world, scope, lease=around.lease)
    injections.guardian = guardian or NoGuardian()
    injections.holds = holds if around.entry else None
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
