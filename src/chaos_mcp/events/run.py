"""A run, its phases, its journal, and what it was held against."""

from typing import ClassVar, Literal

from chaos_mcp.checked.fields import field
from chaos_mcp.events.base import JSON, BaseEvent
from chaos_mcp.terms import Cause, Phase


class RunStarted(BaseEvent):
    """The plan is about to be carried out."""

    kind: Literal["run.started"] = "run.started"
    title: str
    experiment: JSON
    file: str = ""
    digest: str = ""
    """SHA-256 of the experiment as it was read."""
    seed: int = 0
    version: str = ""
    host: dict[str, JSON] = field(default_factory=dict)
    settings: dict[str, JSON] = field(default_factory=dict)
    """What the score needs to know: SLOs, RTO, hold, threshold (`score.model`)."""


class RunAborting(BaseEvent):
    """Something stopped the run; from here on it only puts things back."""

    urgent: ClassVar[bool] = True
    kind: Literal["run.aborting"] = "run.aborting"
    cause: Cause
    reason: str
    exit_code: int | None = None


class RunEnded(BaseEvent):
    """The runner reached its end by itself. What came of it is a reading."""

    urgent: ClassVar[bool] = True
    kind: Literal["run.ended"] = "run.ended"


class RunTakenOver(BaseEvent):
    """The runner is gone; somebody else takes back what it left."""

    urgent: ClassVar[bool] = True
    kind: Literal["run.taken-over"] = "run.taken-over"
    by: Literal["guardian", "recover"]
    why: str
    pid: int = 0


class JournalDamaged(BaseEvent):
    """Lines of the journal are missing or damaged; said by its reader, never written.

    What they said is unknown, so a fault may stand of which nothing is known.
    """

    kind: Literal["journal.damaged"] = "journal.damaged"
    missing: int
    """How many lines."""
    line: int
    """The last of them, counted from 1."""


class PhaseStarted(BaseEvent):
    """A phase of the run begins."""

    kind: Literal["phase.started"] = "phase.started"
    phase: Phase


class BaselineJudged(BaseEvent):
    """The run was held against an earlier one."""

    kind: Literal["baseline.judged"] = "baseline.judged"
    baseline: str
    against: str
    """The id of the earlier run."""
    metrics: list[dict[str, JSON]] = field(default_factory=list)
    """Of each metric: before, after, change, low, high, tolerance, verdict, words."""
    why: str = ""
    """Why they cannot be compared at all, if so."""


class Noted(BaseEvent):
    """Something a reader should know, said by a part of the runner."""

    kind: Literal["noted"] = "noted"
    level: Literal["info", "warning", "error"] = "info"
    message: str
