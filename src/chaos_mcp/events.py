"""Everything that a run says: one kind of event a class, one line of journal each."""

from typing import Annotated, Any, ClassVar, Literal

from chaos_mcp.checked.fields import field
from chaos_mcp.checked.marks import OneOf, Within
from chaos_mcp.checked.model import Model
from chaos_mcp.checked.reader import Reader
from chaos_mcp.terms import Cause, Phase, Role, Verdict, When

JSON = Any
Finite = Annotated[float, Within(allow_inf_nan=False)]


class BaseEvent(Model):
    """What every line of the journal has."""

    urgent: ClassVar[bool] = False
    """Whether it may use the room that is kept for undoing on a full disk."""

    run: str = ""
    seq: int = -1
    at: Finite = 0.0
    """Monotonic seconds since the run began."""
    wall: Finite = 0.0
    """Seconds since the epoch, by this machine's clock."""


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


class PartStarted(BaseEvent):
    """A part of the experiment's own system runs and is ready."""

    kind: Literal["part.started"] = "part.started"
    part: Literal["process", "container", "network", "proxy", "proxy-server"]
    name: str
    address: str = ""
    pid: int | None = None
    detail: JSON = None
    """How others reach or recognise it: a pid alone is no identity."""


class PartStopped(BaseEvent):
    """A part of the experiment's own system is gone."""

    urgent: ClassVar[bool] = True
    kind: Literal["part.stopped"] = "part.stopped"
    part: Literal["process", "container", "network", "proxy", "proxy-server"]
    name: str
    detail: str = ""
    clean: bool = True
    """False when it could not be ended, or ended by itself before its time."""


class ProbeMeasured(BaseEvent):
    """A question was asked, and this came back."""

    kind: Literal["probe.measured"] = "probe.measured"
    name: str
    role: Role
    when: When | None = None
    verdict: Verdict
    value: JSON = None
    expected: str = ""
    why: str = ""
    """For deviated and unknown: what was seen instead, in one sentence."""
    duration: float = 0.0


class HypothesisJudged(BaseEvent):
    """The steady-state hypothesis, taken as a whole."""

    kind: Literal["hypothesis.judged"] = "hypothesis.judged"
    when: When
    verdict: Verdict


class SafeguardTripped(BaseEvent):
    """What must stay true did not, or could not be asked."""

    kind: Literal["safeguard.tripped"] = "safeguard.tripped"
    name: str
    why: str


class ActionStarted(BaseEvent):
    """An action is about to be carried out."""

    kind: Literal["action.started"] = "action.started"
    name: str
    role: Role


class ActionFinished(BaseEvent):
    """An action came to its end."""

    kind: Literal["action.finished"] = "action.finished"
    name: str
    role: Role
    status: Literal["succeeded", "failed", "aborted"]
    output: JSON = None
    error: str = ""
    duration: float = 0.0


class _FaultEvent(BaseEvent):
    fault: str
    """The fault's id within the run, such as `1-network.partition`."""


class FaultSkipped(_FaultEvent):
    """The seed's draw was over the fault's probability: it is left out."""

    kind: Literal["fault.skipped"] = "fault.skipped"
    name: str
    probability: float
    drawn: float


class FaultArmed(_FaultEvent):
    """Nothing was harmed yet; this is all that undoing will need."""

    kind: Literal["fault.armed"] = "fault.armed"
    name: str
    spec: dict[str, JSON]
    """The fault itself, as JSON: `registry.fault(spec)` makes it again."""
    memo: dict[str, JSON]
    owner: str
    """The tag that everything which the fault makes will carry."""
    world: dict[str, JSON] = field(default_factory=dict)
    """Where to find the target from another process (a proxy's URL, say)."""
    lease: float
    """Seconds that the fault may stand without being renewed."""
    expires: float
    """Epoch seconds after which the fault must not stand any more."""
    target: str = ""


class FaultInjected(_FaultEvent):
    """The harm was done."""

    kind: Literal["fault.injected"] = "fault.injected"
    name: str
    duration: float = 0.0


class FaultFailed(_FaultEvent):
    """The harm could not be done, or only half."""

    urgent: ClassVar[bool] = True
    kind: Literal["fault.failed"] = "fault.failed"
    name: str
    step: Literal["arm", "inject"]
    error: str


class FaultProven(_FaultEvent):
    """The effect of the harm was seen."""

    kind: Literal["fault.proven"] = "fault.proven"
    name: str
    evidence: JSON


class FaultUnproven(_FaultEvent):
    """Nothing showed that the harm was in effect."""

    kind: Literal["fault.unproven"] = "fault.unproven"
    name: str
    why: str


class FaultUndoing(_FaultEvent):
    """The harm is about to be taken back."""

    urgent: ClassVar[bool] = True
    kind: Literal["fault.undoing"] = "fault.undoing"
    name: str
    attempt: int = 1


class FaultUndoFailed(_FaultEvent):
    """An attempt to take the harm back, or to see it gone, failed."""

    urgent: ClassVar[bool] = True
    kind: Literal["fault.undo-failed"] = "fault.undo-failed"
    name: str
    attempt: int
    error: str


class FaultUndone(_FaultEvent):
    """The harm was taken back, as far as the undo can tell."""

    urgent: ClassVar[bool] = True
    kind: Literal["fault.undone"] = "fault.undone"
    name: str
    duration: float = 0.0


class FaultVerified(_FaultEvent):
    """The state was read back by another path: the fault is closed."""

    urgent: ClassVar[bool] = True
    kind: Literal["fault.verified"] = "fault.verified"
    name: str
    evidence: JSON = None


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


class RunnerMeasured(BaseEvent):
    """What the runner itself has used from the baseline to the end of recovery."""

    kind: Literal["runner.measured"] = "runner.measured"
    cpu_seconds: float
    seconds: float
    peak_bytes: int
    """The most memory that it had resident."""

    @property
    def load(self) -> float:
        """Return the share of one core that it used."""
        return self.cpu_seconds / self.seconds if self.seconds > 0 else 0.0


class Used(Model):
    """What one part of a run used; None where nobody could tell, which is not 0."""

    part: Literal["runner", "proxy-server", "process", "container"]
    name: str
    cores: Finite | None = None
    """Cores that it kept busy, on average since the last such event."""
    memory: int | None = None
    """Bytes that were resident at the end; of a process, with its descendants."""
    why: str = ""
    """Why a figure is unknown."""


class ResourcesMeasured(BaseEvent):
    """What the runner and the parts of the experiment's own system used of late."""

    kind: Literal["resources.measured"] = "resources.measured"
    used: list[Used]


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


Event = Annotated[
    RunStarted
    | RunAborting
    | RunEnded
    | RunTakenOver
    | JournalDamaged
    | PhaseStarted
    | PartStarted
    | PartStopped
    | ProbeMeasured
    | HypothesisJudged
    | SafeguardTripped
    | ActionStarted
    | ActionFinished
    | FaultSkipped
    | FaultArmed
    | FaultInjected
    | FaultFailed
    | FaultProven
    | FaultUnproven
    | FaultUndoing
    | FaultUndoFailed
    | FaultUndone
    | FaultVerified
    | WorkloadStarted
    | WorkloadSampled
    | WorkloadStopped
    | RunnerMeasured
    | ResourcesMeasured
    | BaselineJudged
    | Noted,
    OneOf("kind"),
]

EVENT: Reader[Event] = Reader(Event)
"""Reads one line of a journal."""
