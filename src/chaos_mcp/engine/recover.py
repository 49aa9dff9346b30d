"""Taking back what a run has left whose runner is gone: guardian and `chaos recover`.

The faults first, newest first, then what the run itself had started.
"""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from chaos_mcp.adapters.reach import reach
from chaos_mcp.engine.sweep import end_parts
from chaos_mcp.engine.undoing import Patience, Standing, Undoing, words
from chaos_mcp.errors import ChaosError
from chaos_mcp.events import FaultUndoFailed, RunTakenOver
from chaos_mcp.failpoints import passing
from chaos_mcp.journal import ledger
from chaos_mcp.journal.ledger import open_faults, open_parts
from chaos_mcp.journal.log import Journal
from chaos_mcp.machine import index
from chaos_mcp.registry import Registry, fault_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from chaos_mcp.events import FaultArmed

By = Literal["guardian", "recover"]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of a recovery."""

    run: str
    folder: Path
    undone: tuple[FaultArmed, ...] = ()
    ended: tuple[str, ...] = ()
    """Parts of the system that were still there, and were ended."""
    open: tuple[FaultArmed, ...] = ()
    """Faults that could not be taken back, or not be seen to be gone."""

    errors: Mapping[str, str] = field(default_factory=dict)
    """By fault: what stood in the way."""

    def why(self, fault: FaultArmed) -> str:
        """Say why a fault is still open."""
        return self.errors.get(fault.fault, "it was not seen to be gone")

    def by_hand(self, fault: FaultArmed) -> str:
        """Say what a person would do."""
        memo = ", ".join(f"{key} {value}" for key, value in fault.memo.items())
        return f"{undo_in_words(fault)} ({memo}; tag {fault.owner})"

    @property
    def did(self) -> bool:
        """Tell whether there was anything to do."""
        return bool(self.undone or self.ended or self.open)


async def recover(
    folder: Path, by: By, why: str, patience: Patience | None = None
) -> Recovered:
    """Take back everything that a dead run has left; again means nothing to do.

    Raise `JournalBusy` while somebody else does so, or the run is not dead, and
    `JournalFailed` if its journal cannot be read.
    """
    journal = Journal.reopen(folder)
    try:
        return await _recover(journal, by, why, patience or Patience())
    finally:
        journal.close()


async def _recover(journal: Journal, by: By, why: str, patience: Patience) -> Recovered:
    faults = open_faults(journal.events)
    undoing = Undoing(journal, patience)
    if faults or open_parts(journal.events):
        undoing.note(RunTakenOver(by=by, why=why, pid=os.getpid()))
    passing("recover")
    closed = await _undo(undoing, faults)
    ended = await end_parts(journal)
    # A server that was about to end could not be spoken to; now it is gone for sure.
    left = [fault for fault in faults if fault.fault not in closed]
    closed |= await _undo(undoing, left if ended else [])
    if len(closed) == len(faults):
        index.forget(journal.run)
    return Recovered(
        run=journal.run,
        folder=journal.folder,
        undone=tuple(fault for fault in faults if fault.fault in closed),
        ended=ended,
        open=tuple(fault for fault in faults if fault.fault not in closed),
        errors={
            event.fault: event.error
            for event in journal.events
            if isinstance(event, FaultUndoFailed)
        },
    )


def undo_in_words(fault: FaultArmed) -> str:
    """Return what taking a fault back does, as its author put it."""
    with suppress(ChaosError, ValueError):
        return str(fault_of(fault.spec, Registry()).undo_in_words)
    return "undo it"


async def _undo(undoing: Undoing, faults: Sequence[FaultArmed]) -> set[str]:
    """Take faults back, given newest first; return which are seen to be gone."""
    injected = {one.fault for one in ledger.standing(undoing.journal.events)}
    async with AsyncExitStack() as stack:
        standing: list[Standing] = []
        for armed in reversed(faults):
            try:
                one = await _standing(stack, armed)
                one.injected = armed.fault in injected
                standing.append(one)
            except Exception as error:  # noqa: BLE001 - the next one is undone anyway
                undoing.note(_cannot(armed, error))
        await undoing.undo_all(standing)
        return {one.id for one in standing if one.closed}


async def _standing(stack: AsyncExitStack, armed: FaultArmed) -> Standing:
    """Make a fault again from what was written down before the harm."""
    try:
        fault = fault_of(armed.spec, Registry())
    except ValueError as error:  # pydantic's, too
        raise ChaosError(f"the fault cannot be made again: {error}") from error
    world = await stack.enter_async_context(reach(armed.world, armed.owner))
    return Standing(armed.fault, armed.name, fault, armed.memo, world)


def _cannot(armed: FaultArmed, error: BaseException) -> FaultUndoFailed:
    return FaultUndoFailed(
        fault=armed.fault, name=armed.name, attempt=0, error=words(error)
    )
