"""The run as stretches of time with a name: what tracing tools draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_mcp.events import (
    ActionFinished,
    PhaseStarted,
    ProbeMeasured,
    WorkloadStarted,
    WorkloadStopped,
)
from chaos_mcp.report.faults import described, stories
from chaos_mcp.report.foreign import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.journal.model import Lane
    from chaos_mcp.report.reading import Reading

BAD = {"deviated", "unknown", "failed", "aborted"}


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted; times in seconds since the run began."""

    name: str
    lane: Lane
    start: float
    end: float
    error: str = ""
    """What was wrong with it, if anything."""
    facts: dict[str, Any] = field(default_factory=dict)


def spans(reading: Reading) -> Iterator[Span]:
    """Yield what lasted, one lane after another; the run itself is not among them."""
    end = length(reading)
    yield from _phases(reading, end)
    yield from _faults(reading)
    yield from _workloads(reading, end)
    for event in reading.events:
        if isinstance(event, ProbeMeasured | ActionFinished):
            yield _activity(event)


def length(reading: Reading) -> float:
    """Return how long the run took, as far as its record goes."""
    return max((event.at for event in reading.told), default=0.0)


def _phases(reading: Reading, end: float) -> Iterator[Span]:
    begun = [one for one in reading.told if isinstance(one, PhaseStarted)]
    ends = [*[one.at for one in begun[1:]], end][: len(begun)]
    for one, until in zip(begun, ends, strict=True):
        yield Span(one.phase, "run", one.at, until)


def _faults(reading: Reading) -> Iterator[Span]:
    told = {story.fault: story for story in stories(reading.told)}
    for band in reading.bands:
        story = told[band.fault]
        facts = {
            "fault": story.kind,
            "target": plain(story.target),
            "proven": plain(described(story.evidence)) if band.proven else "no",
            "verified": "yes" if band.verified else "no",
        }
        error = "" if band.verified else "its undo was not verified"
        yield Span(plain(band.name), "fault", band.start, band.end, error, facts)


def _workloads(reading: Reading, end: float) -> Iterator[Span]:
    events = reading.told
    stops = {one.name: one for one in events if isinstance(one, WorkloadStopped)}
    for event in events:
        if isinstance(event, WorkloadStarted):
            stop = stops.get(event.name)
            facts: dict[str, Any] = {"rate": event.rate}
            if stop is not None:
                facts |= {"sent": stop.sent, "missed": stop.missed}
            until = end if stop is None else stop.at
            yield Span(plain(event.name), "workload", event.at, until, "", facts)


def _activity(event: ProbeMeasured | ActionFinished) -> Span:
    probe = isinstance(event, ProbeMeasured)
    verdict = event.verdict if isinstance(event, ProbeMeasured) else event.status
    why = event.why if isinstance(event, ProbeMeasured) else event.error
    lane: Lane = "action"
    if probe:
        lane = "safeguard" if event.role == "safeguard" else "hypothesis"
    start = max(0.0, event.at - event.duration)
    error = plain(why or verdict) if verdict in BAD else ""
    facts = {"role": event.role, "verdict": verdict}
    return Span(plain(event.name), lane, start, event.at, error, facts)
