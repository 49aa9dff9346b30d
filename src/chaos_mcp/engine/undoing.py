"""Taking faults back: by the runner, by the guardian and by `chaos recover` alike."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.errors import ChaosError
from chaos_mcp.events import (
    FaultUndoFailed,
    FaultUndoing,
    FaultUndone,
    FaultVerified,
)
from chaos_mcp.failpoints import passing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chaos_mcp.adapters.world import World
    from chaos_mcp.events import BaseEvent
    from chaos_mcp.faults.base import Fault, Memo
    from chaos_mcp.journal.log import Journal


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
LONGEST = 2.0
"""Seconds between two attempts, at most."""


@dataclass(slots=True)
class Standing:
    """A fault that was armed, and so has to be taken back."""

    id: str
    name: str
    fault: Fault
    memo: Memo
    world: World
    busy: anyio.Lock = field(default_factory=anyio.Lock)
    injected: bool = False
    """Whether the injection was carried through; else it may be under way still."""
    closed: bool = False
    attempts: int = 0


@dataclass(slots=True)
class Undoing:
    """Takes faults back and sees them gone, whatever stands in the way."""

    journal: Journal
    patience: Patience = field(default_factory=Patience)
    closed: Callable[[Standing], None] | None = None
    """Told of each fault that was seen to be gone."""
    _stop: BaseException | None = None
    """What wanted to end everything, and has to wait for the undo."""

    async def undo(self, standing: Standing) -> bool:
        """Take a fault back and see it gone; tell whether that was seen.

        Nothing can cancel it; every attempt has its own deadline.
        """
        gone = await self._alone(standing, self.patience.attempts)
        self._stop_now()
        return gone

    async def undo_all(self, standing: Sequence[Standing]) -> bool:
        """Take back every fault that stands, newest first, whatever happens to one.

        All are tried once before one is tried again: a target that hangs does not
        keep the others waiting.
        """
        for one in reversed(standing):
            await self._alone(one, 1)
        attempts = self.patience.attempts
        results = [await self._alone(one, attempts) for one in reversed(standing)]
        self._stop_now()
        return all(results)

    async def _alone(self, standing: Standing, attempts: int) -> bool:
        with anyio.CancelScope(shield=True):
            async with standing.busy:
                if not standing.closed:
                    standing.closed = await self._whatever(standing, attempts)
        return standing.closed

    async def _whatever(self, standing: Standing, attempts: int) -> bool:
        """Take back; an error that nobody has foreseen must not spare the others."""
        try:
            with self.journal.held():
                gone = await self._undo(standing, attempts)
            if gone and self.closed:
                self.closed(standing)
        except BaseException as error:  # noqa: BLE001 - the next is undone anyway
            self._failed(standing, error)
            if not isinstance(error, Exception):
                self._stop = error
            return False
        return gone

    def _stop_now(self) -> None:
        """Raise what a fault's own code, or Ctrl-C, has raised in order to stop us."""
        stop, self._stop = self._stop, None
        if stop:
            raise stop

    async def _undo(self, standing: Standing, attempts: int) -> bool:
        for attempt in range(1, attempts + 1):
            try:
                await self._attempt(standing)
            except Exception as error:  # noqa: BLE001 - written down, and tried again
                self._failed(standing, error)
            else:
                return True
            if attempt < attempts:
                pause = self.patience.pause * 2 ** (attempt - 1)
                await anyio.sleep(min(pause, LONGEST))
        return False

    async def _attempt(self, standing: Standing) -> None:
        fault, world, name = standing.fault, standing.world, standing.name
        began = time.perf_counter()
        standing.attempts += 1
        self.note(FaultUndoing(fault=standing.id, name=name, attempt=standing.attempts))
        passing("undo")
        await self._take_back(standing)
        if fault.lands_late and not standing.injected:
            # Whoever was asked answers again, and may only now come to the harm.
            await anyio.sleep(fault.lands_late)
            await self._take_back(standing)
        passing("undone")
        duration = round(time.perf_counter() - began, 6)
        self.note(FaultUndone(fault=standing.id, name=name, duration=duration))
        passing("verify")
        with anyio.fail_after(self.patience.step):
            evidence = await fault.verify(world, standing.memo)
        passing("verified")
        self.note(FaultVerified(fault=standing.id, name=name, evidence=evidence))

    async def _take_back(self, standing: Standing) -> None:
        with anyio.fail_after(self.patience.step):
            await standing.fault.undo(standing.world, standing.memo)

    def _failed(self, standing: Standing, error: BaseException) -> None:
        self.note(
            FaultUndoFailed(
                fault=standing.id,
                name=standing.name,
                attempt=standing.attempts,
                error=words(error),
            )
        )

    def note(self, event: BaseEvent) -> None:
        """Record what has happened already; nothing about that may stop an undo.

        Not a full disk, and not a listener that fails.
        """
        with suppress(Exception):
            self.journal.record(event)


def words(error: BaseException) -> str:
    """Say what went wrong in one sentence."""
    if isinstance(error, TimeoutError):
        return "it took longer than its deadline"
    text = str(error)
    return (
        text
        if isinstance(error, ChaosError) and text
        else f"{type(error).__name__}: {text}"
    )
