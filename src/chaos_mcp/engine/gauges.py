"""What one part of a run uses: its process is asked, or whoever runs its container."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import anyio

from chaos_mcp.adapters.usage import own_usage, usage
from chaos_mcp.errors import ActivityFailed, ChaosError, PartMissing
from chaos_mcp.events import Used

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers, ContainerSeen
    from chaos_mcp.machine.identity import Identity

PATIENCE = 1.0
"""Seconds that an engine may take to say what a container uses."""
PAUSE = 5.0
"""Seconds for which an engine that did not say is left alone."""
ENDED = "it has ended"
ANEW = "what it had used so far became less: a part of it has ended"
NOT_RUNNING = "it does not run, or the engine does not say what it uses"
SILENT = f"the engine did not answer within {PATIENCE:g} s"


class Usage(Protocol):
    """What something has used so far."""

    @property
    def cpu(self) -> float:
        """Return seconds of processor time."""
        ...

    @property
    def memory(self) -> int:
        """Return bytes."""
        ...


class Meter(Protocol):
    """Whoever knows what something uses."""

    async def read(self) -> Usage:
        """Return what it has used so far; raise `ChaosError` if that is unknown."""
        ...


class OfOurselves:
    """Reads of the runner, without what it has started."""

    async def read(self) -> Usage:
        """Look at ourselves."""
        return own_usage()


@dataclass(frozen=True, slots=True)
class OfProcess:
    """Reads of a process, with all that it has started."""

    who: Identity

    async def read(self) -> Usage:
        """Ask the kernel."""
        if found := usage(self.who):
            return found
        raise ActivityFailed(ENDED)


@dataclass(slots=True)
class OfContainer:
    """Reads of a container, whichever life it is in."""

    engine: Containers
    called: str
    seen: ContainerSeen | None = None
    """How it was when it was looked up last; asked again once it is not so."""
    rests_until: float = 0.0

    async def read(self) -> Usage:
        """Ask the engine, not for long, and not at once again if it was silent."""
        if time.monotonic() < self.rests_until:
            raise ActivityFailed(SILENT)
        try:
            with anyio.fail_after(PATIENCE):
                found = await self._asked()
        except (PartMissing, TimeoutError) as error:
            self.rests_until = time.monotonic() + PAUSE
            raise ActivityFailed(str(error) or SILENT) from error
        if found is None:
            self.seen = None
            raise ActivityFailed(NOT_RUNNING)
        return found

    async def _asked(self) -> Usage | None:
        """Return what it uses; None if it does not run, or no more as it was seen."""
        if self.seen is None:
            self.seen = await self.engine.look(self.called)
        if self.seen is None or not self.seen.runs:
            return None
        # An engine says nought of a container that has just died.
        found = await self.engine.usage(self.seen)
        return found if found and found.memory else None


class OfTheDead:
    """Knows nothing, of what has ended by itself."""

    async def read(self) -> Usage:
        """Say so."""
        raise ActivityFailed(ENDED)


@dataclass(slots=True)
class Gauge:
    """One part of a run, and what it had used at the last look."""

    part: Any
    name: str
    meter: Meter
    before: tuple[float, float] | None = None
    """When that was, and the processor time by then."""

    async def look(self) -> Used | None:
        """Return what it used since the last look; None at the first."""
        try:
            found = await self.meter.read()
        except ChaosError as error:
            self.before = None
            return Used(part=self.part, name=self.name, why=str(error))
        now, last = time.monotonic(), self.before
        self.before = now, found.cpu
        return None if last is None else self._since(last, now, found)

    def _since(self, last: tuple[float, float], now: float, found: Usage) -> Used:
        then, cpu = last
        anew = found.cpu < cpu or now <= then
        return Used(
            part=self.part,
            name=self.name,
            cores=None if anew else round((found.cpu - cpu) / (now - then), 4),
            memory=found.memory,
            why=ANEW if anew else "",
        )
