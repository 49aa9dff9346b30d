"""What speaks for and against a run: findings, each one sentence with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chaos_mcp.events import (
    ActionFinished,
    FaultFailed,
    FaultInjected,
    FaultProven,
    FaultSkipped,
    FaultUnproven,
    HypothesisJudged,
    PartStarted,
    PartStopped,
    ProbeMeasured,
    RunAborting,
    RunEnded,
    RunTakenOver,
    SafeguardTripped,
)
from chaos_mcp.journal.fault_sentences import label
from chaos_mcp.journal.killed import kills
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.terms import When

Weight = Literal["unsafe", "aborted", "baseless", "failed", "doubt", "note"]
"""From the weightiest to the lightest.

*Baseless* means that even a failure would prove nothing: the steady state was not there
to begin with, or nothing shows that the fault bit. *Doubt* means that something was not
measured, which takes away a pass but not a failure.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and what it does to the verdict."""

    weight: Weight
    sentence: str
    remedy: str = ""
    """What a person must do."""


def cut_short(events: Sequence[Event]) -> Iterator[Finding]:
    """Yield what stopped the run before its end."""
    if not events:
        yield Finding("aborted", "the journal is empty: the run never began")
        return
    stopped = [event for event in events if isinstance(event, RunAborting)]
    for event in stopped:
        cause = "an error" if event.cause == "error" else f"a {event.cause}"
        cause = "an operator" if event.cause == "operator" else cause
        yield Finding("aborted", f"{cause} stopped the run: {line(event.reason)}")
    trips = [event for event in events if isinstance(event, SafeguardTripped)]
    if trips and not stopped:
        first = trips[0]
        words = f"safeguard {line(first.name)} tripped: {line(first.why)}"
        yield Finding("aborted", words)
    if not any(isinstance(event, RunEnded) for event in events):
        yield Finding("aborted", _died(events))


def _died(events: Sequence[Event]) -> str:
    """Say what became of a run whose runner never came to its end."""
    takers = [event for event in events if isinstance(event, RunTakenOver)]
    if not takers:
        return "the runner died: its journal ends without the run's end"
    who = "the guardian" if takers[0].by == "guardian" else "`chaos recover`"
    return f"{who} took over from the runner: {line(takers[0].why)}"


def bite(events: Sequence[Event]) -> Iterator[Finding]:
    """Yield which faults were not inflicted, or not seen to bite."""
    proven = {event.fault for event in events if isinstance(event, FaultProven)}
    doubts = {e.fault: e.why for e in events if isinstance(e, FaultUnproven)}
    for event in events:
        match event:
            case FaultInjected() if event.fault not in proven:
                why = line(doubts.get(event.fault, "")) or "nothing was looked at"
                yield Finding(
                    "baseless", f"nothing shows that {label(event)} bit: {why}"
                )
            case FaultFailed():
                step = "armed" if event.step == "arm" else "injected"
                words = f"{label(event)} could not be {step}: {line(event.error)}"
                yield Finding("doubt" if proven else "baseless", words)
            case FaultSkipped():
                chance = f"its probability is {event.probability:g}"
                words = f"{label(event)} was left out by chance: {chance}"
                yield Finding("note", words)
            case _:
                pass


def hypothesis(events: Sequence[Event]) -> Iterator[Finding]:
    """Yield when the steady state did not hold, or could not be told."""
    whens: tuple[When, ...] = ("before", "during", "after")
    for when in whens:
        for verdict in ("deviated", "unknown"):
            judged = any(
                isinstance(event, HypothesisJudged)
                and (event.when, event.verdict) == (when, verdict)
                for event in events
            )
            asked = [
                event
                for event in events
                if isinstance(event, ProbeMeasured)
                and (event.role, event.when) == ("hypothesis", when)
            ]
            answers = [event for event in asked if event.verdict == verdict]
            weight = _weight(when, verdict)
            if answers:
                yield from _by_probe(answers, asked, when, weight)
            elif judged:
                words = f"the steady-state hypothesis {_HOW[verdict]} {_WHEN[when]}"
                yield Finding(weight, words)


_WHEN = {
    "before": "before anything was injected",
    "during": "while faults stood",
    "after": "at the end",
}
_HOW = {"deviated": "deviated", "unknown": "could not be told"}


def _weight(when: When, verdict: str) -> Weight:
    if when == "before":
        return "baseless"
    return "failed" if verdict == "deviated" else "doubt"


def _by_probe(
    answers: Sequence[ProbeMeasured],
    asked: Sequence[ProbeMeasured],
    when: When,
    weight: Weight,
) -> Iterator[Finding]:
    """Yield for each probe how often it gave such an answer, and what the first was."""
    for name in dict.fromkeys(event.name for event in answers):
        mine = [event for event in answers if event.name == name]
        of = sum(event.name == name for event in asked)
        often = f"{len(mine)} of {of} times " if of > 1 else ""
        why = f": {line(mine[0].why)}" if mine[0].why else ""
        how = _HOW[mine[0].verdict]
        yield Finding(weight, f"{line(name)} {how} {often}{_WHEN[when]}{why}")


def method(events: Iterable[Event]) -> Iterator[Finding]:
    """Yield what of the method was not carried out, or not as it was expected."""
    for event in events:
        match event:
            case ActionFinished(role="method", status="failed" | "aborted"):
                why = line(event.error) or event.status
                words = f"the action {line(event.name)} was not carried out: {why}"
                yield Finding("doubt", words)
            case ProbeMeasured(role="method", verdict="deviated"):
                words = f"{line(event.name)} deviated in the method: {line(event.why)}"
                yield Finding("failed", words)
            case ProbeMeasured(role="method", verdict="unknown"):
                words = f"{line(event.name)} could not be asked: {line(event.why)}"
                yield Finding("doubt", words)
            case ProbeMeasured(role="rollback", verdict="unknown"):
                words = f"{line(event.name)} could not be asked: {line(event.why)}"
                yield Finding("doubt", words)
            case _:
                pass


def parts(events: Sequence[Event]) -> Iterator[Finding]:
    """Yield which parts of the system did not end as they should: for the reader."""
    meant = kills(events)
    running: dict[tuple[str, str], PartStarted] = {}
    for event in events:
        match event:
            case PartStarted():
                running[event.part, event.name] = event
            case PartStopped():
                running.pop((event.part, event.name), None)
                what = f"{event.part} {line(event.name)}"
                if event.seq in meant:
                    yield Finding("note", meant[event.seq].title)
                elif not event.clean:
                    words = f"{what} did not end as it should: {line(event.detail)}"
                    yield Finding("note", words)
            case _:
                pass
    for left in running.values():
        pid = f" (process {left.pid})" if left.pid is not None else ""
        what = f"{left.part} {line(left.name)}{pid}"
        yield Finding("note", f"{what} was started and not seen to stop")
