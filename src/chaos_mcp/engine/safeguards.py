"""Safeguards: what must stay true, or the run stops; no answer is a violation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.events import SafeguardTripped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.engine.stop import Stop
    from chaos_mcp.plan.model import Guard, TrafficGuard
    from chaos_mcp.workload.schedule import Sample


@dataclass(slots=True)
class Safeguards:
    """Watches probes on its own time, and traffic request by request."""

    guards: Sequence[Guard]
    traffic: Sequence[TrafficGuard]
    activities: Activities
    stop: Stop
    watched: bool = False
    """Traffic counts from the first injection on."""
    _tests: dict[str, list[_Watch]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin a test for each safeguard on traffic."""
        for guard in self.traffic:
            self._tests.setdefault(guard.workload, []).append(_Watch(guard))

    async def first(self) -> bool:
        """Ask every probe once; tell whether injecting may begin."""
        for guard in self.guards:
            await self._check(guard)
        return self.stop.cause is None

    async def watch(self) -> None:
        """Ask each probe at its own pace until cancelled."""
        async with anyio.create_task_group() as tasks:
            for guard in self.guards:
                tasks.start_soon(self._watch, guard)

    def seen(self, workload: str, sample: Sample) -> None:
        """Judge one request."""
        if not self.watched:
            return
        for test in self._tests.get(workload, ()):
            if why := test.violated(failed=sample.result != "ok"):
                self._trip(test.guard.name, why)

    async def _watch(self, guard: Guard) -> None:
        while True:
            # Polling is what a safeguard is for.
            await anyio.sleep(guard.every)
            await self._check(guard)

    async def _check(self, guard: Guard) -> None:
        measured = await self.activities.ask(guard.question, "safeguard")
        if measured.verdict != "held":
            self._trip(guard.name, f"{measured.verdict}: {measured.why}")

    def _trip(self, name: str, why: str) -> None:
        if self.stop.cause is None:
            self.activities.journal.record(SafeguardTripped(name=name, why=why))
            self.stop.pull("safeguard", f"{name}: {why}")


class _Watch:
    """The tests of one safeguard on traffic."""

    def __init__(self, guard: TrafficGuard) -> None:
        from chaos_mcp.score.sequential import (  # noqa: PLC0415 - not for probes
            FailureRate,
            InARow,
        )

        self.guard = guard
        self._rate = (
            None if guard.limit is None else FailureRate(guard.limit, guard.alpha)
        )
        self._row = None if guard.in_a_row is None else InARow(guard.in_a_row)

    def violated(self, *, failed: bool) -> str:
        """Take one request into account; say why if that is too much."""
        guard = self.guard
        if self._rate and self._rate.observe(failed=failed):
            sure = f"{1 - guard.alpha:.0%} sure"
            return f"more than {guard.limit:.0%} of {guard.workload} fails ({sure})"
        if self._row and self._row.observe(failed=failed):
            return f"{guard.in_a_row} requests of {guard.workload} failed in a row"
        return ""
