"""The phases of a run in their order, each written down as it begins."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.engine.measuring import Meter
from chaos_mcp.events import Noted, PhaseStarted
from chaos_mcp.plan.model import Deed, Harm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chaos_mcp.adapters.world import World
    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.engine.hypothesis import Hypothesis
    from chaos_mcp.engine.injection import Injections
    from chaos_mcp.engine.method import Method
    from chaos_mcp.engine.recovery import Goodput
    from chaos_mcp.engine.safeguards import Safeguards
    from chaos_mcp.engine.stop import Stop
    from chaos_mcp.engine.traffic import Flows
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.plan.model import Plan, Question
    from chaos_mcp.terms import Phase
    from chaos_mcp.workload.schedule import Sample

ROLLBACK = 60.0
"""Seconds that one rollback may take once the run was stopped."""


@dataclass(slots=True)
class Phases:
    """Baseline, inject, recovery and rollbacks of one run."""

    plan: Plan
    activities: Activities
    injections: Injections
    safeguards: Safeguards
    hypothesis: Hypothesis
    method: Method
    goodput: Goodput
    stop: Stop
    rolled_back: bool = False

    def enter(self, world: World, scope: Scope) -> None:
        """Take over the world and its names once the system runs."""
        self.activities.world = self.injections.world = world
        self.activities.scope = self.injections.scope = scope

    async def run(self) -> None:
        """Go through the phases; what stops the run cancels this at any point."""
        meter = Meter()
        async with anyio.create_task_group() as guards, self._traffic() as flows:
            if self.plan.workloads or self.plan.experiment.system:
                guards.start_soon(self._watch_resources)
            if await self._baseline():
                guards.start_soon(self.safeguards.watch)
                await self._inject()
                await self._recover()
            if flows:
                flows.stop()
            guards.cancel_scope.cancel()
        if self.plan.workloads:
            self.activities.journal.record(meter.read())
        await self.roll_back()

    async def roll_back(self) -> None:
        """Do the user's rollbacks, once, if anything was done to the system.

        One that fails does not keep the next from being tried.
        """
        if self.rolled_back or not self.method.did:
            return
        self.rolled_back = True
        hooks = self.activities.hooks
        self._phase("rollbacks")
        await hooks.before("rollbacks", self.plan)
        for step in self.plan.rollbacks:
            with anyio.move_on_after(ROLLBACK, shield=True):
                await self._roll_back(step)
        await hooks.after("rollbacks", self.plan, [])

    async def _roll_back(self, step: Deed | Question) -> None:
        if isinstance(step, Deed):
            await self.activities.do(step, "rollback")
        else:
            await self.activities.ask(step, "rollback")

    async def _watch_resources(self) -> None:
        from chaos_mcp.engine.resources import (  # noqa: PLC0415 - there is something
            Resources,
        )

        journal, world = self.activities.journal, self.activities.world
        await Resources(journal, world.containers).watch()

    @asynccontextmanager
    async def _traffic(self) -> AsyncIterator[Flows | None]:
        plan = self.plan
        if not plan.workloads:
            yield None
            return
        from chaos_mcp.engine.traffic import flowing  # noqa: PLC0415 - there is some

        async with flowing(
            plan.workloads,
            self.activities.scope,
            self.activities.journal,
            plan.seed,
            self._seen,
        ) as flows:
            yield flows

    def _seen(self, workload: str, sample: Sample) -> None:
        self.goodput.seen(workload, sample)
        self.safeguards.seen(workload, sample)

    async def _baseline(self) -> bool:
        """See that everything is as it should be; tell whether to go on."""
        self._phase("baseline")
        await anyio.sleep(self.plan.timing.baseline)
        steady = await self._judge("before")
        if steady != "held":
            self._note("nothing was injected: the steady state was not there")
            return False
        return await self.safeguards.first()

    async def _judge(self, when: str) -> str:
        if not self.plan.hypothesis:
            return "held"
        hooks, asked = self.activities.hooks, "before" if when == "before" else "after"
        await hooks.before("hypothesis", self.plan)
        verdict = await self.hypothesis.judge(asked)  # type: ignore[arg-type]
        await hooks.after("hypothesis", self.plan, verdict)
        return verdict

    async def _inject(self) -> None:
        self._phase("inject")
        hooks = self.activities.hooks
        await hooks.before("method", self.plan)
        if any(isinstance(step, Harm) for step in self.plan.steps):
            await self._watched_method()
        else:
            await self.method.run()
        await hooks.after("method", self.plan, [])

    async def _watched_method(self) -> None:
        """Run the method, asking the hypothesis for as long as faults stand."""
        async with anyio.create_task_group() as limits:
            limits.start_soon(self._not_for_ever)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._from_first_injection)
                await self.method.run()
                self.hypothesis.enough()
                if not self.injections.first.is_set():
                    tasks.cancel_scope.cancel()
            limits.cancel_scope.cancel()
        if self.injections.first.is_set():
            self.hypothesis.conclude()

    async def _from_first_injection(self) -> None:
        await self.injections.first.wait()
        self.safeguards.watched = True
        await self.hypothesis.watch()

    async def _not_for_ever(self) -> None:
        """Stop the run when its faults have stood for as long as they may."""
        longest = self.plan.timing.longest
        if longest is not None:
            await self.injections.first.wait()
            await anyio.sleep(longest)
            why = f"faults stood longer than the blast radius allows ({longest:g} s)"
            self.stop.pull("deadline", why)

    async def _recover(self) -> None:
        """Wait for the system to be as good as before, for as long as it may take."""
        self._phase("recovery")
        within = self.plan.timing.recovery
        if within is not None and self.method.did:
            since = self.activities.journal.now()
            with anyio.move_on_after(within):
                await self._recovered(since)
                await self.hypothesis.settle(within)
        await self._judge("after")

    async def _recovered(self, since: float) -> None:
        if self.plan.workloads:
            await self.goodput.recovered(since)

    def _phase(self, phase: Phase) -> None:
        self.activities.journal.record(PhaseStarted(phase=phase))
        if phase == "inject":
            self.goodput.end_baseline()

    def _note(self, message: str) -> None:
        self.activities.journal.record(Noted(level="warning", message=message))
