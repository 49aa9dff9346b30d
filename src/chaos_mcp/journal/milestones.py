"""The strip of a run's milestones, from a steady baseline to recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chaos_mcp.events import (
    FaultInjected,
    FaultProven,
    FaultUndone,
    FaultVerified,
    HypothesisJudged,
    ProbeMeasured,
    SafeguardTripped,
    WorkloadSampled,
)
from chaos_mcp.journal.ledger import open_faults, standing
from chaos_mcp.journal.model import Milestone
from chaos_mcp.journal.sentences import TONES
from chaos_mcp.journal.settings import settings_of
from chaos_mcp.journal.windows import windows
from chaos_mcp.journal.workloads import any_traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.journal.impact import Impact


class Recovery(Protocol):
    """What a score knows of the system's recovery."""

    @property
    def recovered(self) -> bool:
        """Tell whether the system was seen to come back."""
        ...

    @property
    def recovery_time(self) -> float | None:
        """Return the seconds from the last verified undo; None if not seen."""
        ...


def milestones(
    events: Sequence[Event], recovery: Recovery | None = None
) -> tuple[Milestone, ...]:
    """Return the steps of the strip, in the order in which they should come."""
    injected = next((e for e in events if isinstance(e, FaultInjected)), None)
    harm = windows(events).fault
    since = harm.start if harm else None
    bad = _first_bad(events, since)
    return (
        _baseline(events),
        _step("injected", injected, "warn"),
        _step("bit", next((e for e in events if isinstance(e, FaultProven)), None)),
        bad,
        _detected(events, since, bad),
        _closed(events, "undone"),
        _closed(events, "verified"),
        _recovered(events, recovery),
    )


def _step(name: str, event: Event | None, tone: str = "good") -> Milestone:
    if event is None:
        return Milestone(name, None, "plain")
    return Milestone(name, event.at, "warn" if tone == "warn" else "good", event.seq)


def _baseline(events: Sequence[Event]) -> Milestone:
    name = "baseline ok"
    for event in events:
        if isinstance(event, HypothesisJudged) and event.when == "before":
            return Milestone(name, event.at, TONES[event.verdict], event.seq)
    window = windows(events).baseline
    return Milestone(name, window.end if window else None, "plain")


def _first_bad(events: Sequence[Event], since: float | None) -> Milestone:
    """Return when something first was not as it should be, for customers or probes."""
    name = "first bad event"
    found = [
        (impact.first_bad, _sample(events, impact.first_bad))
        for impact in _impacts(events)
        if impact.first_bad is not None
    ]
    if (probe := _deviation(events, since)) is not None:
        found.append((probe.at, probe.seq))
    if not found:
        return Milestone(name, None, "plain")
    at, seq = min(found, key=lambda one: one[0])
    return Milestone(name, at, "bad", seq)


def _impacts(events: Sequence[Event]) -> Sequence[Impact]:
    if not any_traffic(events):
        return ()
    from chaos_mcp.journal.impact import impacts  # noqa: PLC0415 - there is no need else

    return impacts(events)


def _sample(events: Iterable[Event], at: float) -> int | None:
    samples = (e for e in events if isinstance(e, WorkloadSampled))
    return next((e.seq for e in samples if e.at >= at), None)


def _deviation(
    events: Iterable[Event], since: float | None, probe: str | None = None
) -> ProbeMeasured | None:
    """Return the first deviation since then of any hypothesis probe, or of one."""
    if since is None:
        return None
    for event in events:
        if (
            isinstance(event, ProbeMeasured)
            and event.role == "hypothesis"
            and event.at >= since
            and event.verdict == "deviated"
            and probe in (None, event.name)
        ):
            return event
    return None


def _detected(
    events: Sequence[Event], since: float | None, bad: Milestone
) -> Milestone:
    """Return when the declared detector, or else any probe or safeguard, saw it."""
    detector = settings_of(events).detector
    seen: list[Event] = []
    if (probe := _deviation(events, since, detector)) is not None:
        seen.append(probe)
    if detector is None:
        seen += [e for e in events if isinstance(e, SafeguardTripped)]
    if seen:
        first = min(seen, key=lambda event: event.at)
        return Milestone("detected", first.at, "good", first.seq)
    missed = detector is not None and bad.at is not None
    return Milestone("detected", None, "bad" if missed else "plain")


def _closed(events: Sequence[Event], name: str) -> Milestone:
    """Return when the last fault was taken back, or seen to be gone."""
    kind = FaultUndone if name == "undone" else FaultVerified
    left = standing(events) if name == "undone" else open_faults(events)
    if left:
        return Milestone(name, None, "bad")
    return _step(name, next((e for e in reversed(events) if isinstance(e, kind)), None))


def _recovered(events: Sequence[Event], recovery: Recovery | None) -> Milestone:
    window = windows(events).recovery
    if recovery is None or window is None:
        return Milestone("recovered", None, "plain")
    if recovery.recovery_time is None:
        return Milestone("recovered", None, "plain" if recovery.recovered else "bad")
    at = round(window.start + recovery.recovery_time, 6)
    return Milestone("recovered", at, "good", _sample(events, at))
