"""What bears the tag of a run that no journal knows: found, and removed if asked to.

The folder of a run may be deleted, and what it had made be left. Nothing is touched
whose maker lives, or of which another index still knows.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import anyio

from chaos_mcp.adapters.containers import MAKER as MAKER_LABEL
from chaos_mcp.adapters.containers import RUN
from chaos_mcp.adapters.stress import FAULT
from chaos_mcp.adapters.world import World
from chaos_mcp.engine.status import status
from chaos_mcp.engine.sweep import end_tagged
from chaos_mcp.errors import ChaosError
from chaos_mcp.machine.maker import MAKER, marked
from chaos_mcp.machine.tagged import TAG, bearing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.machine.maker import Maker

PATIENCE = 3.0
"""Seconds that an engine has to say what there is on it."""
OWNED = re.compile(r"chaos-(?P<run>.+)-\d+")
"""The tag of a fault, which has its run in it."""


@dataclass(frozen=True, slots=True)
class Stray:
    """One thing that a run has made of which nobody knows any more."""

    what: Literal["container", "network", "process"]
    name: str
    run: str
    maker: Maker | None
    """None: it does not say who has made it."""
    tag: str = ""
    """The tag of the fault that it is a part of, if it is a stressor."""

    @property
    def orphan(self) -> bool:
        """Tell whether its maker is known to be dead; else it may live elsewhere."""
        return self.maker is not None and self.maker.here


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of strays."""

    gone: tuple[Stray, ...]
    left: tuple[Stray, ...]


async def strays() -> list[Stray]:
    """Return what there is, by run; change nothing."""
    known = {one.entry.run for one in status().runs} | {os.environ.get(TAG, "")}
    found = [*_processes(), *await _made()]
    lost = [one for one in found if one.run not in known and not _answered_for(one)]
    return sorted(lost, key=lambda one: (one.run, one.what, one.name))


async def remove(run: str | None = None) -> Removed:
    """Remove what is left of a run, or of all whose makers are known to be dead.

    Naming a run means to know that it is over, where this machine cannot tell.
    """
    found = await strays()
    chosen = [one for one in found if (one.run == run if run else one.orphan)]
    world = World()
    for name in sorted({one.run for one in chosen}):
        await end_tagged(name)
        if any(one.what != "process" for one in chosen if one.run == name):
            with suppress(ChaosError):
                await world.containers.clear(name)
    for tag in sorted({one.tag for one in chosen} - {""}):
        await world.stressors.end(tag)
    names = {(one.what, one.name) for one in await strays()}
    left = [one for one in chosen if (one.what, one.name) in names]
    return Removed(tuple(one for one in chosen if one not in left), tuple(left))


def _answered_for(one: Stray) -> bool:
    return bool(one.maker and one.maker.answers_for(one.run))


def _processes() -> Iterator[Stray]:
    for pid, found in bearing(TAG, FAULT, MAKER):
        tag = found.get(FAULT, "")
        owned = OWNED.fullmatch(tag)
        run = found.get(TAG) or (owned["run"] if owned else "")
        maker = marked(found.get(MAKER, ""))
        if run and maker:  # what says nothing of its maker may be anybody's
            yield Stray("process", f"{pid} ({_called(pid)})", run, maker, tag)


def _called(pid: int) -> str:
    return World().processes.command(pid)


async def _made() -> Sequence[Stray]:
    """Ask the engine; where there is none, or it is silent, nothing is known of it."""
    engine = World().containers
    if not _listens(engine.url):
        return []
    with suppress(ChaosError), anyio.move_on_after(PATIENCE):
        return [
            Stray(
                one.what,
                one.name,
                one.labels[RUN],
                marked(one.labels.get(MAKER_LABEL, "")),
            )
            for one in await engine.made()
        ]
    return []


def _listens(url: str) -> bool:
    """Tell whether there may be an engine, before its whole SDK is loaded."""
    scheme, _, path = url.partition("://")
    return scheme != "unix" or Path(path).exists()
