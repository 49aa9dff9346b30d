"""Every event as a sentence that a colleague understands who was not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from chaos_mcp.events import (
    ActionFinished,
    ActionStarted,
    BaselineJudged,
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
    HypothesisJudged,
    JournalDamaged,
    Noted,
    PartStarted,
    PartStopped,
    PhaseStarted,
    ProbeMeasured,
    ResourcesMeasured,
    RunAborting,
    RunEnded,
    RunnerMeasured,
    RunStarted,
    RunTakenOver,
    SafeguardTripped,
    WorkloadSampled,
    WorkloadStarted,
    WorkloadStopped,
)
from chaos_mcp.experiment.units import human_size
from chaos_mcp.journal.fault_sentences import fault_sentence, fault_tone
from chaos_mcp.journal.model import Moment
from chaos_mcp.journal.regressions import told, worst
from chaos_mcp.journal.words import line, seconds, value

if TYPE_CHECKING:
    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Lane, Tone
    from chaos_mcp.terms import Phase, Role, Verdict

PHASES: dict[Phase, str] = {
    "baseline": "the baseline begins: normal is being measured",
    "inject": "the inject phase begins",
    "recovery": "the recovery phase begins: the system is given time to come back",
    "rollbacks": "the rollbacks begin",
}
TONES: dict[Verdict, Tone] = {"held": "good", "deviated": "bad", "unknown": "warn"}
LANES: dict[Role, Lane] = {
    "hypothesis": "hypothesis",
    "tolerance": "hypothesis",
    "safeguard": "safeguard",
    "method": "action",
    "rollback": "action",
    "system": "system",
}


def moment(event: Event) -> Moment | None:
    """Return an event as a line of the timeline; None if it says nothing by itself."""
    match event:
        case RunStarted() | RunEnded() | PhaseStarted() | Noted():
            return _of_run(event)
        case RunAborting() | RunTakenOver() | JournalDamaged():
            return _of_mishap(event)
        case (
            ProbeMeasured() | HypothesisJudged() | SafeguardTripped() | BaselineJudged()
        ):
            return _of_question(event)
        case PartStarted() | PartStopped() | ActionStarted() | ActionFinished():
            return _of_system(event)
        case (
            WorkloadStarted()
            | WorkloadSampled()
            | WorkloadStopped()
            | RunnerMeasured()
            | ResourcesMeasured()
        ):
            return _of_figures(event)
        case (
            FaultSkipped()
            | FaultArmed()
            | FaultInjected()
            | FaultFailed()
            | FaultProven()
            | FaultUnproven()
            | FaultUndoing()
            | FaultUndoFailed()
            | FaultUndone()
            | FaultVerified()
        ):
            return _moment(event, "fault", fault_tone(event), *fault_sentence(event))
        case _:
            assert_never(event)


def _moment(
    event: Event, lane: Lane, tone: Tone, title: str, detail: str = ""
) -> Moment:
    return Moment(event.seq, event.at, lane, tone, title, detail, event.kind)


def _of_run(
    event: RunStarted | RunEnded | PhaseStarted | Noted,
) -> Moment:
    match event:
        case RunStarted():
            title = f"the run begins: {line(event.title)}"
            return _moment(event, "run", "plain", title, f"seed {event.seed}")
        case RunEnded():
            return _moment(event, "run", "plain", "the run has come to its end")
        case PhaseStarted():
            return _moment(event, "run", "plain", PHASES[event.phase])
        case Noted():
            return _moment(event, "run", _NOTED[event.level], line(event.message))
        case _:
            assert_never(event)


def runner_used(event: RunnerMeasured) -> str:
    """Say how much the runner itself has used."""
    memory = human_size(event.peak_bytes)
    return f"the runner itself used {event.load:.1%} of one core and {memory}"


def _of_mishap(event: RunAborting | RunTakenOver | JournalDamaged) -> Moment:
    match event:
        case RunAborting():
            title = f"the run is being stopped: {line(event.reason)}"
            return _moment(event, "run", "bad", title, f"cause: {event.cause}")
        case RunTakenOver():
            who = "the guardian" if event.by == "guardian" else "`chaos recover`"
            title = f"{who} takes over: {line(event.why)}"
            return _moment(event, "run", "bad", title, f"process {event.pid}")
        case JournalDamaged():
            title = f"{event.missing} lines of the journal are damaged or missing"
            return _moment(event, "run", "bad", title, f"up to line {event.line}")
        case _:
            assert_never(event)


_NOTED: dict[str, Tone] = {"info": "plain", "warning": "warn", "error": "bad"}


def _of_system(
    event: PartStarted | PartStopped | ActionStarted | ActionFinished,
) -> Moment:
    if isinstance(event, PartStarted | PartStopped):
        return _of_part(event)
    return _of_action(event)


def _of_part(event: PartStarted | PartStopped) -> Moment:
    name = f"{event.part} {line(event.name)}"
    match event:
        case PartStarted():
            pid = f", process {event.pid}" if event.pid is not None else ""
            where = f"at {line(event.address)}" if event.address else ""
            detail = f"{where}{pid}".removeprefix(", ")
            return _moment(event, "system", "plain", f"{name} was started", detail)
        case PartStopped():
            how = "was stopped" if event.clean else "did not end as it should"
            tone: Tone = "plain" if event.clean else "warn"
            title = f"{name} {how}"
            return _moment(event, "system", tone, title, line(event.detail))
        case _:
            assert_never(event)


def _of_question(
    event: ProbeMeasured | HypothesisJudged | SafeguardTripped | BaselineJudged,
) -> Moment:
    match event:
        case ProbeMeasured():
            why = f": {line(event.why)}" if event.why else ""
            title = f"{line(event.name)}: {event.verdict}{why}"
            return _moment(
                event, LANES[event.role], TONES[event.verdict], title, _seen(event)
            )
        case HypothesisJudged():
            title = (
                f"the steady-state hypothesis {_JUDGED[event.verdict]} ({_when(event)})"
            )
            return _moment(event, "hypothesis", TONES[event.verdict], title)
        case SafeguardTripped():
            title = f"safeguard tripped: {line(event.name)}"
            return _moment(event, "safeguard", "bad", title, line(event.why))
        case BaselineJudged():
            return _moment(event, "run", TONES[worst(event)], *told(event))
        case _:
            assert_never(event)


_JUDGED: dict[Verdict, str] = {
    "held": "held",
    "deviated": "deviated",
    "unknown": "could not be told",
}
_WHEN = {
    "before": "before the harm",
    "during": "while faults stood",
    "after": "at the end",
}


def _when(event: HypothesisJudged) -> str:
    return _WHEN[event.when]


def _seen(event: ProbeMeasured) -> str:
    seen = "" if event.value is None else f"measured {value(event.value)}"
    wanted = f"expected {line(event.expected)}" if event.expected else ""
    return ", ".join(part for part in (seen, wanted) if part)


def _of_action(event: ActionStarted | ActionFinished) -> Moment:
    what = "rollback" if event.role == "rollback" else "action"
    name = f"{what} {line(event.name)}"
    match event:
        case ActionStarted():
            return _moment(event, "action", "plain", f"{name} was begun")
        case ActionFinished():
            tone: Tone = "plain" if event.status == "succeeded" else "bad"
            why = line(event.error) or f"it took {seconds(event.duration)}"
            return _moment(event, "action", tone, f"{name} {_ENDED[event.status]}", why)
        case _:
            assert_never(event)


_ENDED = {
    "succeeded": "was carried out",
    "failed": "failed",
    "aborted": "was cut short",
}


def _of_figures(
    event: WorkloadStarted
    | WorkloadSampled
    | WorkloadStopped
    | RunnerMeasured
    | ResourcesMeasured,
) -> Moment | None:
    """Return the beginning and the end of what is counted; the counting is none."""
    match event:
        case RunnerMeasured():
            return _moment(event, "run", "plain", runner_used(event))
        case WorkloadSampled() | ResourcesMeasured():
            return None
        case _:
            return _of_workload(event)


def _of_workload(event: WorkloadStarted | WorkloadStopped) -> Moment:
    name = line(event.name)
    match event:
        case WorkloadStarted():
            title = f"traffic begins: {name}, {event.rate:g} requests a second"
            detail = f"deadline {seconds(event.deadline)}"
            return _moment(event, "workload", "plain", title, detail)
        case WorkloadStopped():
            behind = "" if event.kept_up else "; the generator could not keep up"
            title = f"traffic ends: {name}, {event.sent} requests{behind}"
            tone: Tone = "plain" if event.kept_up else "warn"
            late = f"{event.missed} sent late" if event.missed else ""
            return _moment(event, "workload", tone, title, late)
        case _:
            assert_never(event)
