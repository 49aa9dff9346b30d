"""What the runner and its system use, looked at once a second while a run goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.engine.gauges import (
    Gauge,
    OfContainer,
    OfOurselves,
    OfProcess,
    OfTheDead,
)
from chaos_mcp.events import PartStarted, PartStopped, ResourcesMeasured
from chaos_mcp.machine.identity import identity_from

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers
    from chaos_mcp.engine.gauges import Meter
    from chaos_mcp.journal.log import Journal

EVERY = 1.0
"""Seconds between two looks."""


def _own() -> dict[tuple[str, str], Gauge]:
    return {("runner", "runner"): Gauge("runner", "runner", OfOurselves())}


@dataclass(slots=True)
class Resources:
    """Looks at the runner, and at the parts that the journal says were started."""

    journal: Journal
    containers: Containers
    gauges: dict[tuple[str, str], Gauge] = field(default_factory=_own)
    known: int = 0
    """How many events of the journal it has seen."""

    async def watch(self) -> None:
        """Write down, until cancelled, what each of them used."""
        while True:
            await self.look()
            await anyio.sleep(EVERY)

    async def look(self) -> None:
        """Write down what each of them used since the last look."""
        self._catch_up()
        looked = [await one.look() for one in self.gauges.values()]
        if used := [one for one in looked if one]:
            self.journal.record(ResourcesMeasured(used=used))

    def _catch_up(self) -> None:
        """Learn of the parts that were started, or that ended, since the last look."""
        events = self.journal.events
        for event in events[self.known :]:
            if isinstance(event, PartStarted):
                self._started(event)
            elif isinstance(event, PartStopped):
                self._ended(event)
        self.known = len(events)

    def _started(self, event: PartStarted) -> None:
        if meter := self._meter(event.part, event.detail or {}):
            gauge = Gauge(event.part, event.name, meter)
            self.gauges[event.part, event.name] = gauge

    def _meter(self, part: str, detail: Any) -> Meter | None:
        if part == "container":
            return OfContainer(self.containers, detail["called"])
        written = detail.get({"process": "process", "proxy-server": "server"}.get(part))
        who = identity_from(written)
        return OfProcess(who) if who else None

    def _ended(self, event: PartStopped) -> None:
        """Go on saying of a part that is dead that nothing is known of it."""
        gauge = self.gauges.get((event.part, event.name))
        if gauge:
            gauge.meter = OfTheDead()
