"""What the rules look at: a run's readings, and the moments that can be pointed at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chaos_mcp.events import (
    FaultInjected,
    FaultProven,
    FaultUndone,
    ProbeMeasured,
    WorkloadSampled,
)
from chaos_mcp.insight.impact import fault_impacts
from chaos_mcp.journal.impact import impacts
from chaos_mcp.journal.settings import settings_of
from chaos_mcp.journal.traffic import flows
from chaos_mcp.journal.windows import windows

if TYPE_CHECKING:
    from chaos_mcp.events import Event
    from chaos_mcp.insight.model import FaultImpact
    from chaos_mcp.journal.impact import Impact
    from chaos_mcp.journal.model import Windows
    from chaos_mcp.journal.promised import Settings
    from chaos_mcp.journal.traffic import Flow
    from chaos_mcp.score.model import Score


@dataclass(frozen=True)
class View:
    """One run as the rules see it; each reading is made once, when it is asked for."""

    events: tuple[Event, ...]
    score: Score

    @cached_property
    def settings(self) -> Settings:
        """Return what the plan promised."""
        return settings_of(self.events)

    @cached_property
    def spans(self) -> Windows:
        """Return baseline, fault and recovery."""
        return windows(self.events)

    @cached_property
    def flows(self) -> dict[str, Flow]:
        """Return each workload's requests."""
        return {flow.name: flow for flow in flows(self.events)}

    @cached_property
    def faults(self) -> tuple[FaultImpact, ...]:
        """Return what each fault did to each workload."""
        return fault_impacts(self.events)

    @cached_property
    def workloads(self) -> tuple[Impact, ...]:
        """Return what each workload went through in all."""
        return impacts(self.events)

    @cached_property
    def _samples(self) -> tuple[WorkloadSampled, ...]:
        return tuple(e for e in self.events if isinstance(e, WorkloadSampled))

    def sample(self, workload: str, at: float) -> tuple[int, ...]:
        """Return the first samples of a workload with requests from this time on."""
        for one in self._samples:
            if one.name == workload and max(one.sent, default=-1.0) >= at:
                return (one.seq,)
        return ()

    def stood(self, fault: str) -> tuple[int, ...]:
        """Return the injection, the proof and the undo of a fault."""
        return self._of(FaultInjected | FaultProven | FaultUndone, fault)

    def _of(self, kind: Any, fault: str) -> tuple[int, ...]:
        return tuple(
            e.seq for e in self.events if isinstance(e, kind) and e.fault == fault
        )

    def proven(self, fault: str) -> tuple[int, ...]:
        """Return the proof that a fault bit."""
        return self._of(FaultProven, fault)

    def undone(self, fault: str) -> tuple[int, ...]:
        """Return when a fault was taken back."""
        return self._of(FaultUndone, fault)

    def deviations(self, name: str | None = None) -> tuple[int, ...]:
        """Return when a hypothesis probe, or any of them, deviated."""
        return tuple(
            e.seq
            for e in self.events
            if isinstance(e, ProbeMeasured)
            and (e.role, e.verdict) == ("hypothesis", "deviated")
            and name in (None, e.name)
        )

    def injected(self, fault: str) -> tuple[int, ...]:
        """Return the injection of a fault."""
        return self._of(FaultInjected, fault)

    def shows(self, one: FaultImpact, since: float | None = None) -> tuple[int, ...]:
        """Return the injection, and the samples from a time after it."""
        at = one.window.start + (since or 0.0)
        return (*self.injected(one.fault), *self.sample(one.workload, at))
