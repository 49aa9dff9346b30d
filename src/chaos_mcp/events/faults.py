"""Faults, from before the harm until they were seen to be gone."""

from typing import ClassVar, Literal

from chaos_mcp.checked.fields import field
from chaos_mcp.events.base import JSON, BaseEvent


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
