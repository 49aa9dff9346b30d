"""What the plan promised: SLOs, recovery time, threshold; stands in `run.started`."""

from chaos_mcp.checked.model import Model


class WorkloadSettings(Model):
    """What one workload promised its customers."""

    name: str
    rate: float
    deadline: float
    latency: float | None = None
    """Seconds; a slower answer is not good."""
    availability: float = 0.99


class Settings(Model):
    """What readings of a run need of its plan."""

    workloads: tuple[WorkloadSettings, ...] = ()
    rto: float = 30.0
    hold: float = 5.0
    warm_up: float = 1.0
    threshold: float = 0.0
    detector: str | None = None
    detect_within: float | None = None
    correctness: tuple[str, ...] = ()
    """Hypothesis probes whose deviation means that data was wrong or lost."""
    faults: tuple[str, ...] = ()
    """The kinds of the planned faults, for the profile."""
    no_score: bool = False
    """True where nothing was declared to measure on."""
