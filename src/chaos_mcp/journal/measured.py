"""What the score says for and against a run, and whether it may say anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chaos_mcp.events import ActionStarted, FaultInjected, FaultSkipped, WorkloadStarted
from chaos_mcp.journal.findings import Finding
from chaos_mcp.journal.settings import settings_of
from chaos_mcp.journal.words import line, seconds
from chaos_mcp.journal.workloads import stops

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.journal.findings import Weight
    from chaos_mcp.journal.promised import Settings


class Measured(Protocol):
    """What a verdict needs of a score; `score.model.Score` has it all."""

    @property
    def value(self) -> float | None:
        """Return the score, from 0 to 100."""
        ...

    @property
    def low(self) -> float | None:
        """Return the interval's lower end."""
        ...

    @property
    def high(self) -> float | None:
        """Return the interval's upper end."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """Return why there is no number."""
        ...

    @property
    def recovered(self) -> bool:
        """Tell whether the system was seen to come back."""
        ...

    @property
    def recovery_time(self) -> float | None:
        """Return the seconds from the last verified undo."""
        ...


def measured(events: Sequence[Event], score: Measured | None) -> Iterator[Finding]:
    """Yield what was measured on the workload that speaks against the run."""
    settings = settings_of(events)
    if score is None or not _declared(events, settings):
        yield from _ungated(settings.threshold)
        return
    behind = [line(stop.name) for stop in stops(events) if not stop.kept_up]
    if behind:
        names = ", ".join(behind)
        words = f"the generator could not keep up ({names}), so the score says nothing"
        yield Finding("doubt", words)
    elif score.value is None:
        weight: Weight = "note" if _left_to_chance(events) else "doubt"
        why = "; ".join(score.missing) or "no reason is known"
        yield Finding(weight, f"there is no score: {why}")
    else:
        yield from _recovery(score, settings)
        yield from _gate(score, settings.threshold)


def _ungated(threshold: float) -> Iterator[Finding]:
    """Yield that a score was asked for where nothing can give one."""
    if threshold > 0:
        words = "there is none, since no workload is declared"
        yield Finding("doubt", f"a score of {threshold:g} is asked for, and {words}")


def _declared(events: Sequence[Event], settings: Settings) -> bool:
    if settings.no_score:
        return False
    traffic = any(isinstance(event, WorkloadStarted) for event in events)
    return bool(settings.workloads) or traffic


def _left_to_chance(events: Sequence[Event]) -> bool:
    """Tell whether nothing was done since the seed left all faults out."""
    skipped = any(isinstance(event, FaultSkipped) for event in events)
    done = any(
        isinstance(event, FaultInjected)
        or (isinstance(event, ActionStarted) and event.role == "method")
        for event in events
    )
    return skipped and not done


def _recovery(score: Measured, settings: Settings) -> Iterator[Finding]:
    aim = seconds(settings.rto)
    if not score.recovered:
        words = f"the system was not seen to recover (objective: {aim})"
        yield Finding("failed", words)
    elif score.recovery_time is not None and score.recovery_time > settings.rto:
        took = seconds(score.recovery_time)
        yield Finding("failed", f"recovery took {took}, more than its {aim}")


def _gate(score: Measured, threshold: float) -> Iterator[Finding]:
    """Yield whether the score, with its uncertainty, is surely high enough."""
    if threshold <= 0:
        return
    low = 0.0 if score.low is None else score.low
    high = 100.0 if score.high is None else score.high
    span = f"{score.value:.1f} ({low:.1f} to {high:.1f})"
    if high < threshold:
        yield Finding("failed", f"the score {span} is under {threshold:g}")
    elif low < threshold:
        words = f"the score {span} may be over or under {threshold:g}"
        yield Finding("doubt", words)
