"""What an experiment says of times, traffic and score, and what holds otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.experiment.model import Recovery
from chaos_mcp.journal.promised import Settings, WorkloadSettings
from chaos_mcp.plan.model import Timing, Traffic

if TYPE_CHECKING:
    from chaos_mcp.experiment.model import Experiment, Workload
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.plan.model import Harm

BASELINE = 5.0
"""Seconds of baseline where there is a workload and nothing else is said."""


def timing_of(written: Experiment) -> Timing:
    """Return how long each part of a run takes, or may take."""
    busy = bool(written.workload)
    baseline = written.baseline.for_
    recovery = written.recovery or (Recovery() if busy else None)
    hypothesis = written.hypothesis
    return Timing(
        baseline=(BASELINE if busy else 0.0) if baseline is None else baseline,
        recovery=recovery.within if recovery else None,
        hold=recovery.hold if recovery else 0.0,
        deadline=written.deadline,
        longest=written.blast_radius.max_duration,
        every=hypothesis.every if hypothesis else 1.0,
    )


def traffic_of(workload: Workload) -> Traffic:
    """Return what a workload sends, once the names in it are known."""

    def requests(scope: Scope) -> tuple[Any, ...]:
        return tuple(
            one.model_copy(update=scope.resolve(one.model_dump(exclude_unset=True)))
            for one in workload.requests
        )

    return Traffic(workload.name, workload.rate, workload.deadline, requests)


def settings_of(written: Experiment, harms: list[Harm]) -> Settings:
    """Return what the score is reckoned by, for the journal."""
    recovery = written.recovery or Recovery()
    return Settings(
        workloads=tuple(
            WorkloadSettings(
                name=one.name,
                rate=one.rate,
                deadline=one.deadline,
                latency=one.slo.latency,
                availability=one.slo.availability,
            )
            for one in written.workload
        ),
        rto=recovery.within,
        hold=recovery.hold,
        warm_up=written.baseline.warm_up if written.workload else 0.0,
        threshold=written.score.threshold,
        detector=written.score.detector,
        detect_within=written.score.detect_within,
        correctness=written.score.correctness,
        faults=tuple(harm.kind for harm in harms),
        no_score=not written.workload,
    )
