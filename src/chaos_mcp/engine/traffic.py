"""Workloads during a run: started, written down each second, watched, stopped."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.events import WorkloadSampled, WorkloadStarted, WorkloadStopped
from chaos_mcp.workload.http import open_mix
from chaos_mcp.workload.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.plan.model import Traffic
    from chaos_mcp.workload.schedule import Sample

FLUSH = 1.0
"""Seconds between two lines of samples in the journal."""


@dataclass(slots=True)
class Flow:
    """One workload under way."""

    name: str
    schedule: Schedule
    journal: Journal

    def flush(self) -> None:
        """Write down what has gathered."""
        samples, lag = self.schedule.batch.take()
        if samples:
            self.journal.record(
                WorkloadSampled(
                    name=self.name,
                    sent=[sample.due for sample in samples],
                    latency=[sample.latency for sample in samples],
                    result=[sample.result for sample in samples],
                    lag=round(lag, 4),
                )
            )

    async def run(self) -> None:
        """Send until stopped, writing down each second, and say how it went."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._flush_regularly)
            await self.schedule.run()
            tasks.cancel_scope.cancel()

    async def _flush_regularly(self) -> None:
        while True:
            await anyio.sleep(FLUSH)
            self.flush()

    def close(self) -> None:
        """Write down the rest."""
        self.flush()
        batch = self.schedule.batch
        self.journal.record(
            WorkloadStopped(
                name=self.name,
                sent=batch.sent,
                missed=batch.late,
                kept_up=batch.kept_up,
            )
        )


@dataclass(slots=True)
class Flows:
    """All workloads of a run."""

    flows: list[Flow] = field(default_factory=list)

    def stop(self) -> None:
        """Send nothing more."""
        for flow in self.flows:
            flow.schedule.stop()


@asynccontextmanager
async def flowing(
    traffic: Sequence[Traffic],
    scope: Scope,
    journal: Journal,
    seed: int,
    seen: Callable[[str, Sample], None],
) -> AsyncIterator[Flows]:
    """Send traffic while the body runs; what it gave is in the journal at the end."""
    flows = Flows()
    async with AsyncExitStack() as stack:
        for index, one in enumerate(traffic):
            flow = await _open(stack, one, scope, journal, seed + index, seen)
            flows.flows.append(flow)
        try:
            async with anyio.create_task_group() as tasks:
                for flow in flows.flows:
                    tasks.start_soon(flow.run)
                yield flows
                flows.stop()
        finally:
            for flow in flows.flows:
                flow.close()


async def _open(
    stack: AsyncExitStack,
    one: Traffic,
    scope: Scope,
    journal: Journal,
    seed: int,
    seen: Callable[[str, Sample], None],
) -> Flow:
    connections = int(one.rate * one.deadline) + 10
    mix = await stack.enter_async_context(
        open_mix(one.requests(scope), connections, seed)
    )
    journal.record(WorkloadStarted(name=one.name, rate=one.rate, deadline=one.deadline))
    schedule = Schedule(
        rate=one.rate,
        deadline=one.deadline,
        send=mix.send,
        now=journal.now,
        seen=lambda sample: seen(one.name, sample),
    )
    return Flow(one.name, schedule, journal)
