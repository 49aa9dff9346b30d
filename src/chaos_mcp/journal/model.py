"""What readings of a journal give: moments, windows, and the outcome of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["PASSED", "FAILED", "INVALID", "ABORTED", "INCONCLUSIVE", "UNSAFE"]
Tone = Literal["good", "bad", "warn", "plain"]
Lane = Literal[
    "run", "hypothesis", "fault", "safeguard", "action", "workload", "system"
]

EXIT_CODES: dict[Result, int] = {
    "PASSED": 0,
    "FAILED": 1,
    "INVALID": 2,
    "ABORTED": 3,
    "INCONCLUSIVE": 4,
    "UNSAFE": 5,
}


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the run, in seconds since it began."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Windows:
    """The three stretches that a score compares; None where one never was."""

    baseline: Window | None
    fault: Window | None
    recovery: Window | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the incident timeline."""

    seq: int
    at: float
    lane: Lane
    tone: Tone
    title: str
    detail: str = ""
    kind: str = ""
    """The event's kind."""


@dataclass(frozen=True, slots=True)
class Band:
    """A fault on the chart: from when to when it stood."""

    fault: str
    name: str
    start: float
    end: float
    proven: bool
    verified: bool


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of the strip, such as injected, bit, undone, verified, recovered."""

    name: str
    at: float | None
    """None: it never came."""
    tone: Tone
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the run, and why."""

    result: Result
    exit_code: int
    reasons: tuple[str, ...]
    """Sentences, the weightiest first; each derives from events."""
    next_step: str = ""
    """What a person must do, if anything: the command that finishes the job."""
