"""The inject phase: perturbations one after another, or each at its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.events import FaultSkipped, Noted
from chaos_mcp.plan.model import Deed, Harm, Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyio.abc import TaskGroup

    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.engine.injection import Inflicted, Injections
    from chaos_mcp.plan.model import Step

POLL = 0.1
"""Seconds between two looks of a proof that the experiment itself asks for."""


@dataclass(slots=True)
class Method:
    """Carries out the perturbations; at its end no fault of theirs stands."""

    steps: Sequence[Step]
    activities: Activities
    injections: Injections
    did: bool = False
    """Whether anything was done to the system: then rollbacks are due."""

    async def run(self) -> None:
        """Do every step, wait for those in the background, then undo what stands."""
        async with anyio.create_task_group() as tasks:
            for step in self.steps:
                if isinstance(step, Harm) and step.at is not None:
                    tasks.start_soon(self._at, step, tasks)
            await self._sequence(tasks)
        await self.injections.undo_all()

    async def _sequence(self, tasks: TaskGroup) -> None:
        for step in self.steps:
            if isinstance(step, Harm) and step.at is not None:
                continue
            if not await self._step(step, tasks):
                self._note("the remaining steps are left out: a fault could not stand")
                return
        await self._linger()

    async def _step(self, step: Step, tasks: TaskGroup) -> bool:
        if isinstance(step, Harm):
            return await self._harm(step, tasks)
        if step.background:
            tasks.start_soon(self._activity, step)
        else:
            await self._activity(step)
        return True

    async def _activity(self, step: Question | Deed) -> None:
        if isinstance(step, Question):
            await self.activities.ask(step, "method")
        else:
            self.did = True
            await self.activities.do(step, "method")

    async def _at(self, harm: Harm, tasks: TaskGroup) -> None:
        await anyio.sleep(harm.at or 0.0)
        await self._harm(harm, tasks)

    async def _harm(self, harm: Harm, tasks: TaskGroup) -> bool:
        """Inject a fault, and keep it for its time if it has one."""
        if harm.skipped:
            self._skip(harm)
            return True
        self.did = True
        standing = await self.injections.inflict(harm)
        if standing is None:
            return False
        if harm.hold is None:
            tasks.start_soon(self._prove, standing, self.injections.patience.proof)
        else:
            await self._hold(standing, harm.hold)
        return True

    async def _hold(self, standing: Inflicted, seconds: float) -> None:
        """Let a fault stand for its time, looking for its effect, then undo it."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._prove, standing, seconds)
            await anyio.sleep(seconds)
        await self.injections.undo(standing)

    async def _prove(self, standing: Inflicted, within: float) -> None:
        with anyio.move_on_after(within):
            if standing.harm.prove:
                await self._prove_by_probe(standing, standing.harm.prove)
            else:
                await self.injections.prove(standing)
        self.injections.doubt(
            standing, f"nothing showed its effect within {within:g} s"
        )

    async def _prove_by_probe(self, standing: Inflicted, question: Question) -> None:
        while True:
            held, _ = await self.activities.quietly(question)
            if held:
                evidence = {"probe": question.call.name, "expected": question.expected}
                self.injections.proven(standing, evidence)
                return
            await anyio.sleep(POLL)

    async def _linger(self) -> None:
        """Give faults without an end of their own the time to be seen."""
        for standing in self.injections.standing:
            if standing.harm.hold is None and not standing.closed:
                await standing.proven.wait()

    def _skip(self, harm: Harm) -> None:
        self.activities.journal.record(
            FaultSkipped(
                fault=harm.id,
                name=harm.name,
                probability=harm.probability,
                drawn=round(harm.drawn, 6),
            )
        )

    def _note(self, message: str) -> None:
        self.activities.journal.record(Noted(level="warning", message=message))
