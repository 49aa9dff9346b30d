"""What insights consist of: figures of traffic, a fault's impact, one insight."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_mcp.journal.model import Tone, Window

__all__ = ["FaultImpact", "Figures", "Insight", "Tone"]


@dataclass(frozen=True, slots=True)
class Figures:
    """One workload's requests in one window."""

    requests: int
    error_rate: float
    """Share of requests that failed or of which nothing was heard, from 0 to 1."""
    goodput: float
    """Requests a second that succeeded within the SLO."""
    p50: float | None
    """Seconds, of requests that succeeded; None where none did. Likewise the others."""
    p95: float | None
    p99: float | None
    errors: dict[str, int] = field(default_factory=dict)
    """How often each kind of failure came, the most frequent first."""


@dataclass(frozen=True, slots=True)
class FaultImpact:
    """What one fault did to one workload; times in seconds."""

    fault: str
    name: str
    workload: str
    window: Window
    """From when to when it stood, in seconds of the run."""
    before: Figures
    """The baseline."""
    during: Figures
    after: Figures | None
    """From the undo to the next injection or the end of recovery."""
    time_to_effect: float | None
    """From the injection to the first second that was bad or slow; None: none was."""
    time_to_detect: float | None
    """From the injection to the first deviation of a hypothesis probe, or a trip."""
    time_to_recover: float | None
    """From the undo until goodput was as before and held; None: it never was."""
    worst: float = 1.0
    """Goodput of its worst second, as a share of the baseline's."""
    beside: tuple[str, ...] = ()
    """Names of other faults that stood at the same time: they share the blame."""


@dataclass(frozen=True, slots=True)
class Insight:
    """One thing that the run taught, with the moments that show it."""

    rule: str
    """The name of the rule that found it, such as `no-timeout`."""
    tone: Tone
    sentence: str
    evidence: tuple[int, ...]
    """The `seq` of the events that show it; never empty."""
    advice: str = ""
    """What to do about it, where anything is to be done."""
