"""Faults under way: written down before the harm, and always taken back."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.engine.guarded import NoGuardian
from chaos_mcp.engine.undoing import Patience, Standing, Undoing, words
from chaos_mcp.errors import ChaosError, FaultRefused, JournalFailed
from chaos_mcp.events import (
    FaultArmed,
    FaultFailed,
    FaultInjected,
    FaultProven,
    FaultUnproven,
)
from chaos_mcp.failpoints import passing
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.machine import index
from chaos_mcp.terms import LEASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.adapters.world import World
    from chaos_mcp.engine.guarded import Guardian
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.machine.index import Entry
    from chaos_mcp.plan.model import Harm

GRACE = 30.0
"""Seconds over its time after which a fault must be gone, by itself if it can."""


@dataclass(slots=True)
class Inflicted(Standing):
    """A fault of the experiment, and what is known of its effect."""

    harm: Harm = field(kw_only=True)
    proven: anyio.Event = field(default_factory=anyio.Event)


@dataclass(slots=True)
class Injections:
    """Carries faults through their five verbs and loses none of them."""

    journal: Journal
    world: World
    scope: Scope
    longest: float = 3600.0
    """Seconds that a fault without an end of its own may stand."""
    lease: float = LEASE
    guardian: Guardian = field(default_factory=NoGuardian)
    holds: Callable[[Entry], bool] | None = None
    """Tells whether another run still has what it has claimed; None: ask nobody."""
    standing: list[Inflicted] = field(default_factory=list)
    first: anyio.Event = field(default_factory=anyio.Event)
    """Set with the first injection."""
    undoing: Undoing = field(init=False)

    def __post_init__(self) -> None:
        """Let everything that is closed be given back."""
        self.undoing = Undoing(self.journal, closed=self._closed)

    @property
    def patience(self) -> Patience:
        """How long each step may take."""
        return self.undoing.patience

    @patience.setter
    def patience(self, patience: Patience) -> None:
        self.undoing.patience = patience

    async def inflict(self, harm: Harm) -> Inflicted | None:
        """Arm and inject a fault; None if it could not be, which stands in the journal.

        Whatever was begun is in `standing` from before the harm on.
        """
        early = self.ends_with_us(harm)
        await (self.guardian.listening() if early else self.guardian.ready())
        standing = await self._arm(harm)
        if standing is None:
            return None
        await self._begin(standing)
        if not standing.injected:
            await self.undo(standing)
            return None
        self.first.set()
        return standing

    def ends_with_us(self, harm: Harm) -> bool:
        """Tell whether its fault cannot outlive runner and guardian."""
        try:
            return harm.make(self._names()).ends_with_us(self.world)
        except (ChaosError, ValueError):  # which is told when it is armed
            return False

    async def prove(self, standing: Inflicted) -> None:
        """Look for the fault's effect until it is seen; write down what was seen."""
        try:
            evidence = await standing.fault.prove(standing.world, standing.memo)
        except ChaosError as error:
            self.doubt(standing, str(error))
        else:
            self.proven(standing, evidence)

    def doubt(self, standing: Inflicted, why: str) -> None:
        """Write down that nothing showed the fault's effect."""
        if not standing.proven.is_set():
            harm = standing.harm
            self.undoing.note(FaultUnproven(fault=harm.id, name=harm.name, why=why))
            standing.proven.set()

    def proven(self, standing: Inflicted, evidence: Any) -> None:
        """Write down what showed that the fault bit."""
        harm = standing.harm
        passing("prove")
        self.undoing.note(FaultProven(fault=harm.id, name=harm.name, evidence=evidence))
        standing.proven.set()

    async def undo(self, standing: Standing) -> bool:
        """Take a fault back and see it gone; tell whether that was seen."""
        return await self.undoing.undo(standing)

    async def undo_all(self) -> bool:
        """Take back every fault that stands, newest first, whatever happens to one."""
        return await self.undoing.undo_all(self.standing)

    async def _arm(self, harm: Harm) -> Inflicted | None:
        passing("arm")
        from chaos_mcp.faults.base import as_written  # noqa: PLC0415 - only for faults

        try:
            fault = harm.make(self._names())
            world = self._world_of(harm)
            with anyio.fail_after(self.patience.step):
                memo = as_written(await fault.arm(world))
            standing = Inflicted(harm.id, harm.name, fault, memo, world, harm=harm)
            self._take(standing)
        except (ChaosError, TimeoutError, OSError, ValueError) as error:
            self._failed(harm, "arm", error)
            return None
        return standing

    def _names(self) -> Scope:
        """Return what names stand for, some of which may have changed meanwhile."""
        system = self.world.system
        return self.scope.knowing(system.names()) if system else self.scope

    def _world_of(self, harm: Harm) -> World:
        owner = f"chaos-{self.journal.run}-{harm.id.split('-')[0]}"
        extra = {**self.world.extra, "ttl": self._life(harm)}
        return replace(
            self.world,
            owner=owner,
            patience=self.patience.proof,
            chance=harm.chance,
            most=harm.most,
            extra=extra,
        )

    def _life(self, harm: Harm) -> float:
        return (self.longest if harm.hold is None else harm.hold) + GRACE

    def _take(self, standing: Inflicted) -> None:
        """Claim the targets; refuse what could not be read back from the journal."""
        armed = self._armed(standing)
        if not self.journal.shows([armed.spec, armed.memo, armed.world]):
            raise FaultRefused(
                "a secret stands in what undoing it needs, and secrets are not written "
                "down: no other process could take it back"
            )
        if self.holds:
            claims = standing.fault.claims(standing.world, standing.memo)
            index.claim(self.journal.run, standing.id, claims, self.holds)

    def _closed(self, standing: Standing) -> None:
        self.guardian.closed(standing.id)
        if self.holds:
            index.release(self.journal.run, standing.id)

    async def _begin(self, standing: Inflicted) -> None:
        """Write the fault down and inject it; nobody undoes it meanwhile."""
        async with standing.busy:
            with self.journal.held():
                self.standing.append(standing)
                await self._write_ahead(standing)
                standing.injected = await self._inject(standing)

    async def _write_ahead(self, standing: Inflicted) -> None:
        # Written before the harm: a crash between the two undoes a fault that never
        # was, which `undo` allows. The other order would lose one.
        try:
            await self.journal.keep_room()
            await self.journal.record_durably(self._armed(standing))
        except JournalFailed:
            # What was written and is not safe is taken back as if it had been done.
            written = open_faults(self.journal.events)
            if standing.id not in {armed.fault for armed in written}:
                standing.closed = True
                self._closed(standing)
            raise
        self.guardian.armed(standing.id, self._life(standing.harm))

    def _armed(self, standing: Inflicted) -> FaultArmed:
        harm, world = standing.harm, standing.world
        return FaultArmed(
            fault=harm.id,
            name=harm.name,
            spec={"fault": harm.kind, **standing.fault.model_dump(mode="json")},
            memo=standing.memo,
            owner=world.owner,
            world=world.place(),
            lease=self.lease,
            expires=round(time.time() + self._life(harm), 3),
            target=", ".join(standing.fault.targets()),
        )

    async def _inject(self, standing: Inflicted) -> bool:
        harm = standing.harm
        began = time.perf_counter()
        passing("inject")
        try:
            with anyio.fail_after(self.patience.step):
                await standing.fault.inject(standing.world, standing.memo)
        except (ChaosError, TimeoutError, OSError) as error:
            self._failed(harm, "inject", error)
            return False
        passing("injected")
        duration = round(time.perf_counter() - began, 6)
        self.undoing.note(
            FaultInjected(fault=harm.id, name=harm.name, duration=duration)
        )
        return True

    def _failed(self, harm: Harm, step: Any, error: BaseException) -> None:
        self.undoing.note(
            FaultFailed(fault=harm.id, name=harm.name, step=step, error=words(error))
        )
