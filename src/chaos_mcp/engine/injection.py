"""Faults under way: written down before the harm, and always taken back."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.errors import ChaosError, JournalFailed
from chaos_mcp.events import (
    FaultArmed,
    FaultFailed,
    FaultInjected,
    FaultProven,
    FaultUndoFailed,
    FaultUndoing,
    FaultUndone,
    FaultUnproven,
    FaultVerified,
)

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World
    from chaos_mcp.events import BaseEvent
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.faults.base import Fault, Memo
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.plan.model import Harm

LEASE = 10.0
"""Seconds that a fault may stand without being renewed."""
GRACE = 30.0
"""Seconds over its time after which a fault must be gone, by itself if it can."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Time limits, in seconds; a second Ctrl-C shortens them, never skips a step."""

    step: float = 10.0
    """For one attempt of arm, inject, undo or verify."""
    attempts: int = 4
    pause: float = 0.05
    """Before the second attempt; doubled before each further one."""
    proof: float = 5.0
    """For seeing the effect of a fault that has no time of its own."""


SHORT = Patience(step=2.0, attempts=2)


@dataclass(slots=True)
class Standing:
    """A fault that was armed, and so has to be taken back."""

    harm: Harm
    fault: Fault
    memo: Memo
    world: World
    busy: anyio.Lock = field(default_factory=anyio.Lock)
    injected: bool = False
    closed: bool = False
    attempts: int = 0
    proven: anyio.Event = field(default_factory=anyio.Event)


@dataclass(slots=True)
class Injections:
    """Carries faults through their five verbs and loses none of them."""

    journal: Journal
    world: World
    scope: Scope
    longest: float = 3600.0
    """Seconds that a fault without an end of its own may stand."""
    patience: Patience = field(default_factory=Patience)
    standing: list[Standing] = field(default_factory=list)
    first: anyio.Event = field(default_factory=anyio.Event)
    """Set with the first injection."""

    async def inflict(self, harm: Harm) -> Standing | None:
        """Arm and inject a fault; None if it could not be, which stands in the journal.

        Whatever was begun is in `standing` from before the harm on.
        """
        standing = await self._arm(harm)
        if standing is None:
            return None
        await self._begin(standing)
        if not standing.injected:
            await self.undo(standing)
            return None
        self.first.set()
        return standing

    async def _begin(self, standing: Standing) -> None:
        """Write the fault down and inject it; nobody undoes it meanwhile."""
        async with standing.busy:
            self.standing.append(standing)
            await self._write_ahead(standing)
            standing.injected = await self._inject(standing)

    async def prove(self, standing: Standing) -> None:
        """Look for the fault's effect until it is seen; write down what was seen."""
        try:
            evidence = await standing.fault.prove(standing.world, standing.memo)
        except ChaosError as error:
            self.doubt(standing, str(error))
        else:
            self.proven(standing, evidence)

    def doubt(self, standing: Standing, why: str) -> None:
        """Write down that nothing showed the fault's effect."""
        if not standing.proven.is_set():
            harm = standing.harm
            self._note(FaultUnproven(fault=harm.id, name=harm.name, why=why))
            standing.proven.set()

    def proven(self, standing: Standing, evidence: Any) -> None:
        """Write down what showed that the fault bit."""
        harm = standing.harm
        self._note(FaultProven(fault=harm.id, name=harm.name, evidence=evidence))
        standing.proven.set()

    async def undo(self, standing: Standing) -> bool:
        """Take a fault back and see it gone; tell whether that was seen.

        Nothing can cancel it; every attempt has its own deadline.
        """
        with anyio.CancelScope(shield=True):
            async with standing.busy:
                if not standing.closed:
                    standing.closed = await self._undo(standing)
        return standing.closed

    async def undo_all(self) -> bool:
        """Take back every fault that stands, newest first, whatever happens to one."""
        results = [await self.undo(standing) for standing in reversed(self.standing)]
        return all(results)

    async def _arm(self, harm: Harm) -> Standing | None:
        try:
            fault = harm.make(self.scope)
            world = self._world_of(harm)
            with anyio.fail_after(self.patience.step):
                memo = await fault.arm(world)
        except (ChaosError, TimeoutError, OSError, ValueError) as error:
            self._failed(harm, "arm", error)
            return None
        return Standing(harm, fault, memo, world)

    def _world_of(self, harm: Harm) -> World:
        owner = f"chaos-{self.journal.run}-{harm.id.split('-')[0]}"
        extra = {**self.world.extra, "ttl": self._life(harm)}
        return replace(
            self.world, owner=owner, patience=self.patience.proof, extra=extra
        )

    def _life(self, harm: Harm) -> float:
        return (self.longest if harm.hold is None else harm.hold) + GRACE

    async def _write_ahead(self, standing: Standing) -> None:
        # Written before the harm: a crash between the two undoes a fault that never
        # was, which `undo` allows. The other order would lose one.
        harm, world = standing.harm, standing.world
        spec = {"fault": harm.kind, **standing.fault.model_dump(mode="json")}
        armed = FaultArmed(
            fault=harm.id,
            name=harm.name,
            spec=spec,
            memo=standing.memo,
            owner=world.owner,
            world={"proxies": world.proxies.url} if world.proxies else {},
            lease=LEASE,
            expires=round(time.time() + self._life(harm), 3),
            target=", ".join(harm.targets),
        )
        try:
            await self.journal.record_durably(armed)
        except JournalFailed:
            standing.closed = True
            raise

    async def _inject(self, standing: Standing) -> bool:
        harm = standing.harm
        began = time.perf_counter()
        try:
            with anyio.fail_after(self.patience.step):
                await standing.fault.inject(standing.world, standing.memo)
        except (ChaosError, TimeoutError, OSError) as error:
            self._failed(harm, "inject", error)
            return False
        duration = round(time.perf_counter() - began, 6)
        self._note(FaultInjected(fault=harm.id, name=harm.name, duration=duration))
        return True

    def _failed(self, harm: Harm, step: Any, error: BaseException) -> None:
        self._note(
            FaultFailed(fault=harm.id, name=harm.name, step=step, error=words(error))
        )

    async def _undo(self, standing: Standing) -> bool:
        import tenacity  # noqa: PLC0415 - 70 ms that a run without faults need not pay

        patience = self.patience
        attempts = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(patience.attempts),
            wait=tenacity.wait_exponential(patience.pause, max=2),
            sleep=anyio.sleep,
            after=lambda state: self._attempt_failed(standing, state),
        )
        try:
            await attempts(self._attempt, standing)
        except tenacity.RetryError:
            return False
        return True

    async def _attempt(self, standing: Standing) -> None:
        harm, fault, world = standing.harm, standing.fault, standing.world
        began = time.perf_counter()
        with anyio.fail_after(self.patience.step):
            standing.attempts += 1
            self._note(
                FaultUndoing(fault=harm.id, name=harm.name, attempt=standing.attempts)
            )
            await fault.undo(world, standing.memo)
        duration = round(time.perf_counter() - began, 6)
        self._note(FaultUndone(fault=harm.id, name=harm.name, duration=duration))
        with anyio.fail_after(self.patience.step):
            evidence = await fault.verify(world, standing.memo)
        self._note(FaultVerified(fault=harm.id, name=harm.name, evidence=evidence))

    def _attempt_failed(self, standing: Standing, state: Any) -> None:
        harm, number = standing.harm, standing.attempts
        error = words(state.outcome.exception())
        self._note(
            FaultUndoFailed(fault=harm.id, name=harm.name, attempt=number, error=error)
        )

    def _note(self, event: BaseEvent) -> None:
        """Record what has happened already; a full disk must not stop an undo."""
        with suppress(JournalFailed):
            self.journal.record(event)


def words(error: BaseException) -> str:
    """Say what went wrong in one sentence."""
    if isinstance(error, TimeoutError):
        return "it took longer than its deadline"
    text = str(error)
    return (
        text
        if isinstance(error, ChaosError) and text
        else (f"{type(error).__name__}: {text}")
    )
