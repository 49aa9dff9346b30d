"""What a stability score consists of, and what it needs to know of the plan."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_mcp.journal.promised import Settings, WorkloadSettings

__all__ = ["Cap", "PartScore", "Score", "Second", "Settings", "WorkloadSettings"]


@dataclass(frozen=True, slots=True)
class PartScore:
    """One part of the score: its ratio, its weight, and where its points went."""

    name: str
    """availability, latency, error budget, recovery, residual, detection."""
    ratio: float
    weight: float
    """Points that it can give; all parts together give 100."""
    lost: float
    """Points lost: weight x (1 - ratio)."""
    words: str
    """What was measured, in one line for a person."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on the score, whatever its parts say."""

    at: float
    why: str


@dataclass(frozen=True, slots=True)
class Second:
    """One second of traffic of all workloads together."""

    at: float
    """Seconds since the run began at which it starts."""
    sent: int
    succeeded: int
    good: int
    """Succeeded, and within the SLO."""
    p50: float | None
    p99: float | None
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How stable the system stayed, from 0 to 100, or why there is no number."""

    value: float | None
    low: float | None
    high: float | None
    parts: tuple[PartScore, ...] = ()
    caps: tuple[Cap, ...] = ()
    missing: tuple[str, ...] = ()
    """Why there is no number: reasons, in sentences."""
    profile: str = ""
    """Hash of parts, weights, SLOs, workload, faults: what scores can be compared."""
    recovery_time: float | None = None
    """Seconds from the last verified undo; None: never, or nothing to recover."""
    recovered: bool = True
    outage_seconds: float = 0.0
    """The integral of 1 - Q: the loss in seconds of full outage."""
    burn_rate: float | None = None
    seconds: tuple[Second, ...] = ()
    baseline_p95: float | None = None
    baseline_goodput: float | None = None
    """Good requests a second."""
    latencies: dict[str, dict[str, float]] = field(default_factory=dict)
    """Per window (baseline, fault, recovery): p50, p95, p99 in seconds."""
