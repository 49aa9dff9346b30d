"""Everything that a run says: one kind of event a class, one line of journal each."""

from typing import Annotated

from chaos_mcp.checked.marks import OneOf
from chaos_mcp.checked.reader import Reader
from chaos_mcp.events.activities import (
    ActionFinished,
    ActionStarted,
    HypothesisJudged,
    ProbeMeasured,
    SafeguardTripped,
)
from chaos_mcp.events.base import JSON, BaseEvent
from chaos_mcp.events.faults import (
    FaultArmed,
    FaultFailed,
    FaultInjected,
    FaultProven,
    FaultSkipped,
    FaultUndoFailed,
    FaultUndoing,
    FaultUndone,
    FaultUnproven,
    FaultVerified,
)
from chaos_mcp.events.run import (
    BaselineJudged,
    JournalDamaged,
    Noted,
    PhaseStarted,
    RunAborting,
    RunEnded,
    RunStarted,
    RunTakenOver,
)
from chaos_mcp.events.system import (
    PartStarted,
    PartStopped,
    ResourcesMeasured,
    RunnerMeasured,
    Used,
)
from chaos_mcp.events.traffic import (
    WorkloadSampled,
    WorkloadStarted,
    WorkloadStopped,
)

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
EVENTS: Reader[list[Event]] = Reader(list[Event])
"""Reads many, written as one list."""

__all__ = [
    "EVENT",
    "EVENTS",
    "JSON",
    "ActionFinished",
    "ActionStarted",
    "BaseEvent",
    "BaselineJudged",
    "Event",
    "FaultArmed",
    "FaultFailed",
    "FaultInjected",
    "FaultProven",
    "FaultSkipped",
    "FaultUndoFailed",
    "FaultUndoing",
    "FaultUndone",
    "FaultUnproven",
    "FaultVerified",
    "HypothesisJudged",
    "JournalDamaged",
    "Noted",
    "PartStarted",
    "PartStopped",
    "PhaseStarted",
    "ProbeMeasured",
    "ResourcesMeasured",
    "RunAborting",
    "RunEnded",
    "RunStarted",
    "RunTakenOver",
    "RunnerMeasured",
    "SafeguardTripped",
    "Used",
    "WorkloadSampled",
    "WorkloadStarted",
    "WorkloadStopped",
]
