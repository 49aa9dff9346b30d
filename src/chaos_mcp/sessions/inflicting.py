"""One fault of a session, from entering its block to leaving it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.errors import (
    ChaosError,
    FaultRefused,
    FaultUnproven,
    JournalTaken,
    UndoFailed,
)
from chaos_mcp.events import FaultFailed, FaultProven, FaultUndoFailed
from chaos_mcp.events import FaultUnproven as Unproven
from chaos_mcp.plan.model import Harm
from chaos_mcp.registry import fault_called
from chaos_mcp.sessions.asked import fault_with
from chaos_mcp.sessions.things import Effect

if TYPE_CHECKING:
    from chaos_mcp.engine.injection import Inflicted
    from chaos_mcp.events import BaseEvent
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.faults.base import Fault
    from chaos_mcp.sessions.asked import Asked
    from chaos_mcp.sessions.core import Core

GLANCE = 0.25
"""Seconds for a last look at whether anything has met the fault."""


class Inflicting:
    """Arms, injects and proves a fault when its block is entered; undoes it after."""

    def __init__(self, core: Core, asked: Asked) -> None:
        self.core = core
        self.asked = asked
        self.standing: Inflicted | None = None

    async def enter(self) -> None:
        """Inflict it and, where its effect shows by itself, see that it bit.

        Raise `FaultRefused`, `FaultUnproven` or `UndoFailed`; but for the last, nothing
        of it stands then.
        """
        core = self.core
        core.alive()
        harm = self._harm()
        early = core.injections.ends_with_us(harm)
        await core.guardian.load(harm.kind, early=early)
        try:
            self.standing = await core.injections.inflict(harm)
        except JournalTaken:
            core.alive()
            raise
        if self.standing is None:
            raise self._refusal(harm)
        if not self.standing.fault.needs_traffic and self.asked.prove:
            await self._prove_now()
        if harm.hold is not None:
            core.tasks.start_soon(self._expire, harm.hold)

    async def leave(self, judge: bool = False) -> None:  # noqa: FBT001, FBT002
        """Take it back; raise `UndoFailed` if that could not be seen to be done.

        `judge` raises `FaultUnproven` if nothing met it.
        """
        standing = self.standing
        if standing is None:
            return
        if not standing.closed:
            if self.core.journal.taken:
                self.core.alive()
            await self._look()
            await self._undo(standing)
        if judge and self.asked.prove and not self.proven:
            raise FaultUnproven(self._unproven())

    def effect(self) -> Effect:
        """Return how far it has come."""
        seen = self._last(FaultProven)
        evidence = seen.evidence if isinstance(seen, FaultProven) else None
        standing = self.standing
        target = ", ".join(standing.fault.targets()) if standing else ""
        return Effect(
            standing.id if standing else "",
            self.asked.kind,
            target,
            seen is not None,
            evidence,
            standing is None or standing.closed,
        )

    async def look(self, within: float) -> Effect:
        """Look for its effect for so long, and return how far it has come."""
        await self._look(within)
        return self.effect()

    @property
    def proven(self) -> bool:
        """Tell whether its effect was seen."""
        return self._last(FaultProven) is not None

    def _harm(self) -> Harm:
        core, asked = self.core, self.asked
        cls: type[Fault] = fault_called(asked.kind, core.running.registry)
        fault = fault_with(cls, asked.arguments, self._names())
        if (problem := fault.lasting()) and not core.settings.allow_irreversible:
            raise FaultRefused(
                f"{asked.kind}: {problem}; allow_irreversible=True lets it"
            )
        core.count += 1

        def make(_: Scope) -> Fault:
            return fault_with(cls, asked.arguments, self._names())

        return Harm(
            id=f"{core.count}-{asked.kind}",
            name=asked.kind,
            kind=asked.kind,
            make=make,
            undo_in_words=cls.undo_in_words,
            targets=fault.targets(),
            hold=asked.duration,
            chance=f"{core.seed}-{core.count}",
            most=core.settings.max_targets,
        )

    def _names(self) -> Scope:
        core = self.core
        system = core.injections.world.system
        scope = core.activities.scope
        return scope.knowing(system.names()) if system else scope

    async def _prove_now(self) -> None:
        await self._look(self.core.settings.proof)
        if not self.proven and self.standing:
            await self._undo(self.standing)
            raise FaultUnproven(self._unproven())

    async def _look(self, within: float = GLANCE) -> None:
        standing = self.standing
        if standing and not standing.closed and not self.proven:
            with anyio.move_on_after(within):
                await self.core.injections.prove(standing)

    async def _undo(self, standing: Inflicted) -> None:
        injections = self.core.injections
        gone = await injections.undo(standing)
        self._doubt(standing)
        if not gone:
            if self.core.journal.taken:  # meanwhile: the guardian takes it back
                self.core.alive()
            raise self._stuck(standing)
        if standing in injections.standing:
            injections.standing.remove(standing)

    def _doubt(self, standing: Inflicted) -> None:
        """Write down that nothing showed its effect, if that is so."""
        why = f"nothing showed its effect within {self.core.settings.proof:g} s"
        if standing.fault.needs_traffic:
            why = "no traffic met it"
        self.core.injections.doubt(standing, why)

    async def _expire(self, seconds: float) -> None:
        """Take it back at the end of its time; whoever leaves hears what came of it."""
        await anyio.sleep(seconds)
        standing = self.standing
        if standing and not standing.closed and not self.core.ended:
            await self._look()
            with anyio.CancelScope(shield=True), suppress(UndoFailed):
                await self._undo(standing)

    def _refusal(self, harm: Harm) -> ChaosError:
        failed = self._last(FaultFailed, harm.id)
        why = failed.error if isinstance(failed, FaultFailed) else "it could not stand"
        return FaultRefused(f"{harm.kind}: {why}")

    def _stuck(self, standing: Inflicted) -> ChaosError:
        failed = self._last(FaultUndoFailed)
        why = failed.error if isinstance(failed, FaultUndoFailed) else "not seen gone"
        target = ", ".join(standing.fault.targets())
        return UndoFailed(
            f"{standing.name} on {target} could not be taken back: {why}\n"
            f"    finish it with: chaos recover {self.core.folder}"
        )

    def _unproven(self) -> str:
        seen = self._last(Unproven)
        why = seen.why if isinstance(seen, Unproven) else "nothing showed its effect"
        standing = self.standing
        target = ", ".join(standing.fault.targets()) if standing else ""
        return (
            f"{self.asked.kind} on {target}: {why}; what was tested under it was "
            "tested without it (prove=False accepts that)"
        )

    def _last(self, kind: type[BaseEvent], fault: str = "") -> BaseEvent | None:
        fault = fault or (self.standing.id if self.standing else "-")
        events = reversed(self.core.journal.events)
        mine = (one for one in events if getattr(one, "fault", "") == fault)
        return next((one for one in mine if isinstance(one, kind)), None)
