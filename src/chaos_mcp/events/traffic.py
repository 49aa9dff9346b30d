"""Traffic, second by second."""

from typing import Literal

from chaos_mcp.events.base import BaseEvent


class WorkloadStarted(BaseEvent):
    """Traffic begins."""

    kind: Literal["workload.started"] = "workload.started"
    name: str
    rate: float
    """Requests a second."""
    deadline: float
    """Seconds after which an unanswered request counts as failed."""


class WorkloadSampled(BaseEvent):
    """Requests that came to their end since the last such event, in columns."""

    kind: Literal["workload.sampled"] = "workload.sampled"
    name: str
    sent: list[float]
    """Seconds since the run began at which each request was due to be sent."""
    latency: list[float]
    """Seconds from the due time to the answer, or to the deadline."""
    result: list[str]
    """`ok`, or why not: `status 503`, `timeout`, `connect`, `broken`."""
    lag: float = 0.0
    """The most that the generator was behind its own schedule, in seconds."""


class WorkloadStopped(BaseEvent):
    """Traffic ends."""

    kind: Literal["workload.stopped"] = "workload.stopped"
    name: str
    sent: int
    missed: int = 0
    """Requests that the generator itself was too slow to send."""
    kept_up: bool = True
