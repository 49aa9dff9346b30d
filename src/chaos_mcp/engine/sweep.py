"""Ending what a run has started: only what carries the run's own tag."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.adapters.reach import reach
from chaos_mcp.adapters.world import World
from chaos_mcp.engine.undoing import words
from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import PartStopped
from chaos_mcp.failpoints import passing
from chaos_mcp.journal.ledger import open_parts
from chaos_mcp.machine.tagged import TAG, tagged

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.events import PartStarted
    from chaos_mcp.journal.log import Journal

MADE = ("container", "network")
"""Parts that an engine has made."""
STOPPING = 5.0
"""Seconds that processes have to end after a signal."""
POLL = 0.02


async def end_group(leader: int, run: str) -> bool:
    """Kill whatever is left of a process' group; tell whether nothing is left.

    The number alone could be somebody else's by now: the run's tag must be there.
    """
    return await _kill(lambda: _tagged(run, leader))


async def end_parts(journal: Journal) -> tuple[str, ...]:
    """End what a dead run has started and not ended, and say what that was."""
    parts = open_parts(journal.events)
    passing("sweep")
    for part in parts:
        if part.part == "proxy":
            await _delete(part, journal)
    await _clear([one for one in parts if one.part in MADE], journal)
    gone = await end_tagged(journal.run)
    for part in parts:
        if part.part not in ("proxy", *MADE):
            _stopped(part, journal, "" if gone else "it could not be ended")
    return tuple(f"{part.part} {part.name}" for part in parts)


async def end_tagged(run: str) -> bool:
    """End every process that carries the tag: gently, then not."""
    here = _tagged(run)
    if not here:
        return True
    _signal(here, signal.SIGTERM)
    _signal(here, signal.SIGCONT)  # what is paused cannot end
    with anyio.move_on_after(STOPPING):
        while _tagged(run):  # noqa: ASYNC110 - the kernel tells nobody
            await anyio.sleep(POLL)
    return await _kill(lambda: _tagged(run))


async def _kill(found: Callable[[], list[int]]) -> bool:
    with anyio.move_on_after(STOPPING):
        while left := found():
            _signal(left, signal.SIGKILL)
            await anyio.sleep(POLL)
        return True
    return False


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _tagged(run: str, leader: int | None = None) -> list[int]:
    return tagged(TAG, run, leader)


async def _clear(parts: list[PartStarted], journal: Journal) -> None:
    """Remove what an engine has made for the run, by its label."""
    for url in {one.detail["engine"] for one in parts}:
        why = ""
        try:
            await World().containers.at(url).clear(journal.run)
        except Exception as error:  # noqa: BLE001 - the next part is ended anyway
            why = words(error)
        for part in parts:
            if part.detail["engine"] == url:
                _stopped(part, journal, why)


async def _delete(part: PartStarted, journal: Journal) -> None:
    """Remove a proxy, from whichever server carries it."""
    place = part.detail if isinstance(part.detail, dict) else {}
    try:
        async with reach(place, journal.run) as world:
            if world.proxies:
                await world.proxies.delete(part.name)
    except Exception as error:  # noqa: BLE001 - the next part is ended anyway
        _stopped(part, journal, words(error))
    else:
        _stopped(part, journal, "")


def _stopped(part: PartStarted, journal: Journal, detail: str) -> None:
    with suppress(JournalFailed):
        journal.record(
            PartStopped(part=part.part, name=part.name, detail=detail, clean=not detail)
        )
