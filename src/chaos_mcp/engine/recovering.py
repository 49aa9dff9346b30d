"""`chaos recover` and `chaos halt`: finishing and stopping what others have begun."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.engine.recover import recover
from chaos_mcp.engine.status import is_alive, status
from chaos_mcp.errors import ChaosError, JournalBusy
from chaos_mcp.journal.read import read
from chaos_mcp.machine import index
from chaos_mcp.machine.halt import halt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chaos_mcp.engine.recover import Recovered
    from chaos_mcp.engine.status import RunStatus
    from chaos_mcp.machine.index import Entry

BUSY = 60.0
"""Seconds to wait for whoever takes the run back already, such as its guardian."""
STOPPING = 30.0
"""Seconds that a run has to stop and undo before it is killed."""
POLL = 0.1


@dataclass(frozen=True, slots=True)
class Halted:
    """What became of the runs that a halt has met."""

    stopped: tuple[Entry, ...]
    killed: tuple[Entry, ...]
    """Those that did not stop in time; their guardians take them back."""
    left: tuple[RunStatus, ...]


def entry_called(run: str) -> Entry | None:
    """Return a run of the index by its id, wherever it was started."""
    found = [entry for entry in index.entries() if entry.run == run]
    return found[0] if found else None


async def recover_run(folder: Path) -> Recovered:
    """Take back what a run has left, once nobody else does.

    Raise `ChaosError` while the run is still being carried out.
    """
    run = _run_of(folder)
    with anyio.move_on_after(BUSY):
        while True:
            _refuse_living(run)
            with suppress(JournalBusy):
                return await recover(folder, "recover", "`chaos recover` was called")
            await anyio.sleep(POLL)
    raise ChaosError(f"somebody else has been taking {folder.name} back for {BUSY:g} s")


def _run_of(folder: Path) -> str:
    """Return whose journal it is: the folder may be a copy of a run's own."""
    events = read(folder)
    return events[0].run if events else folder.name


def _refuse_living(run: str) -> None:
    entry = entry_called(run)
    if entry and is_alive(entry):
        raise ChaosError(
            f"the run {entry.run} is still being carried out by process "
            f"{entry.runner.pid}: stop that first (Ctrl-C there, or chaos halt)"
        )


async def recover_dead() -> list[Recovered]:
    """Take back what every dead run on this machine has left.

    A run whose journal cannot be read is said, and does not keep the others waiting.
    """
    return [
        await recover_run(one.entry.folder)
        for one in status().runs
        if one.left and not one.unreadable
    ]


def unreadable() -> list[RunStatus]:
    """Return the dead runs of which nothing but their claims is known."""
    return [one for one in status().runs if one.left and one.unreadable]


async def halt_all(reason: str) -> Halted:
    """Let nothing start, stop what runs, and wait until all of it is put back."""
    halt(reason)
    met = [one.entry for one in status().runs if one.alive]
    for entry in met:
        if entry.takes_signals:
            _signal(entry, signal.SIGTERM)
    await _until_over(met)
    killed = [entry for entry in met if is_alive(entry)]
    for entry in killed:
        _signal(entry, signal.SIGKILL)
    await _until_over(killed)
    with anyio.move_on_after(BUSY):
        while any(one.left for one in _of(met)):  # noqa: ASYNC110 - nobody tells us
            await anyio.sleep(POLL)
    stopped = tuple(entry for entry in met if entry not in killed)
    return Halted(stopped, tuple(killed), tuple(_of(met)))


def _of(entries: Sequence[Entry]) -> list[RunStatus]:
    names = {entry.run for entry in entries}
    return [one for one in status().runs if one.entry.run in names]


async def _until_over(entries: Sequence[Entry]) -> None:
    with anyio.move_on_after(STOPPING):
        while any(is_alive(entry) for entry in entries):  # noqa: ASYNC110 - as above
            await anyio.sleep(POLL)


def _signal(entry: Entry, number: signal.Signals) -> None:
    """Signal a run's own process, if it still is that."""
    with suppress(ProcessLookupError, PermissionError):
        if entry.runner.alive():
            os.kill(entry.runner.pid, number)
