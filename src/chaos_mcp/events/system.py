"""What a run has started of its system, and what that and the runner used."""

from typing import ClassVar, Literal

from chaos_mcp.checked.model import Model
from chaos_mcp.events.base import JSON, BaseEvent, Finite


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
