"""What is open on this machine: runs, alive or dead, and faults that stand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.errors import JournalFailed, StillOpen
from chaos_mcp.journal.authority import taken
from chaos_mcp.journal.file import locked
from chaos_mcp.journal.ledger import open_faults, open_parts
from chaos_mcp.journal.read import read
from chaos_mcp.machine import index
from chaos_mcp.machine.halt import halted

if TYPE_CHECKING:
    from chaos_mcp.events import FaultArmed, PartStarted
    from chaos_mcp.machine.halt import Halt
    from chaos_mcp.machine.index import Entry

ABORTED, UNSAFE = 3, 5
"""Exit codes (`journal.model`) of a run that may not start."""
GRACE = 2.0
"""Seconds, after a lease, that a guardian may need to take a run back."""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run that is not over, or has left something."""

    entry: Entry
    alive: bool
    faults: tuple[FaultArmed, ...] = ()
    """What stands, or may."""
    parts: tuple[PartStarted, ...] = ()
    """What it has started of its own system."""
    unreadable: str = ""
    """Why its journal could not be read: then nothing is known of its faults."""

    @property
    def left(self) -> bool:
        """Tell whether a dead run has left something, or may have."""
        unknown = self.unreadable and self.entry.claims
        return not self.alive and bool(self.faults or self.parts or unknown)

    def lease(self, now: float) -> float:
        """Return the seconds until it is taken over, unless it gives a sign of life."""
        return self.entry.lease - (now - self.entry.renewed)


@dataclass(frozen=True, slots=True)
class Status:
    """All that is going on, at one moment."""

    runs: tuple[RunStatus, ...]
    halt: Halt | None
    now: float
    """Seconds since the epoch."""


def status() -> Status:
    """Look; change nothing but to forget runs that are over."""
    found = []
    for entry in index.entries():
        one = of(entry)
        if one.alive or one.left:
            found.append(one)
        else:
            index.forget(entry.run)
    return Status(tuple(found), halted(), time.time())


def of(entry: Entry) -> RunStatus:
    """Return what is known of one run."""
    alive = is_alive(entry)
    try:
        events = read(entry.folder)
    except JournalFailed as error:
        return RunStatus(entry, alive, unreadable=str(error))
    return RunStatus(
        entry, alive, tuple(open_faults(events)), tuple(open_parts(events))
    )


def is_alive(entry: Entry) -> bool:
    """Tell whether a run's own process still carries it out.

    Its journal is locked for that long; its number alone means nothing where a run
    has ended and the process goes on, or in another container. One that was taken from
    a process that lives is over for that process.
    """
    if taken(entry.folder):
        return False
    held = locked(entry.folder)
    if held is None:
        return entry.runner.alive()
    return held and (entry.runner.alive() or not entry.runner.knowable())


def holds(entry: Entry) -> bool:
    """Tell whether a run still has what it has claimed: it lives, or left it open."""
    one = of(entry)
    return one.alive or one.left


def soon_over(run: str) -> bool:
    """Tell whether something is left of others that their guardians see to by now.

    Of a run that was silent for a lease and more, and still has left something,
    somebody else has to take it back.
    """
    now = status()
    return not now.halt and any(
        one.lease(now.now) > -GRACE for one in _left_of_others(now, run)
    )


def must_wait(run: str) -> StillOpen | None:
    """Return what keeps this run from starting, if anything does."""
    now = status()
    if now.halt:
        halt = now.halt
        return StillOpen(
            f"all runs were halted by {halt.by}: {halt.reason}\n"
            "    lift it with `chaos resume`",
            ABORTED,
        )
    if left := _left_of_others(now, run):
        told = "\n".join(f"    {_left(one)}" for one in left)
        return StillOpen(
            f"what earlier runs have left must be taken back first:\n{told}\n"
            "    run `chaos recover`, or start with `chaos run --recover`",
            UNSAFE,
        )
    return None


def _left_of_others(now: Status, run: str) -> list[RunStatus]:
    return [one for one in now.runs if one.left and one.entry.run != run]


def _left(one: RunStatus) -> str:
    """Say what a dead run has left."""
    names = [fault.name for fault in one.faults] or [
        f"{part.part} {part.name}" for part in one.parts
    ]
    return f"{one.entry.run} ({one.entry.title}): {', '.join(names) or one.unreadable}"
