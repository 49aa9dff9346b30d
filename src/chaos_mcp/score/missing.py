"""Why a run gives no number: what would have to be measured, and was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import (
    FaultInjected,
    FaultProven,
    FaultSkipped,
    ProbeMeasured,
    RunAborting,
    RunEnded,
)
from chaos_mcp.journal.tally import goodness
from chaos_mcp.journal.words import line, share
from chaos_mcp.score.samples import total
from chaos_mcp.score.stability import NO_WORKLOAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.score.model import Settings
    from chaos_mcp.score.samples import Samples, Stretch

BASELINE_REQUESTS = 20
BASELINE_SECONDS = 1.5
FAULT_REQUESTS = 10
"""Under these there is too little to compare."""
STEADY = 0.9
"""The least share of good requests from which a fall can be told at all."""
DRIFT = 0.1
"""The most by which the halves of a baseline may differ in their share of good."""
UNHEARD = 0.05
"""The most of a baseline's requests of which the record may say nothing."""


def missing(
    events: Sequence[Event], settings: Settings, found: Samples
) -> tuple[str, ...]:
    """Return why there is no number, in sentences; nothing if there is one."""
    if settings.no_score or not found.flows:
        return (NO_WORKLOAD,)
    return (
        *_cut_short(events),
        *_unproven(events),
        *_unharmed(events, found),
        *_baseline(found),
        *_unasked(events, settings, found),
    )


def _cut_short(events: Sequence[Event]) -> Iterator[str]:
    if any(isinstance(event, RunAborting) for event in events):
        yield "the run was stopped before its end"
    elif not any(isinstance(event, RunEnded) for event in events):
        yield "the record ends before the run's end"


def _unproven(events: Sequence[Event]) -> Iterator[str]:
    proven = {event.fault for event in events if isinstance(event, FaultProven)}
    for event in events:
        if isinstance(event, FaultInjected) and event.fault not in proven:
            yield f"nothing shows that {line(event.name)} bit"


def _unharmed(events: Sequence[Event], found: Samples) -> Iterator[str]:
    if found.spans.fault is None:
        skipped = any(isinstance(event, FaultSkipped) for event in events)
        yield "all faults were left out by chance" if skipped else "nothing was harmed"
    elif (sent := _requests(found.fault)) < FAULT_REQUESTS:
        yield f"too few samples: {sent} requests while faults stood"


def _requests(stretch: Stretch | None) -> int:
    return int(stretch.whole.due) if stretch else 0


def _baseline(found: Samples) -> Iterator[str]:
    baseline = found.baseline
    sent = _requests(baseline)
    if baseline is None or sent < BASELINE_REQUESTS:
        yield f"too few samples: {sent} requests in the baseline"
    elif baseline.window.end - baseline.window.start < BASELINE_SECONDS:
        yield f"the baseline is shorter than {BASELINE_SECONDS:g} s"
    else:
        yield from _unheard(found, baseline)
        yield from _unsteady(baseline)


def _unheard(found: Samples, baseline: Stretch) -> Iterator[str]:
    due = sum(flow.count(baseline.window) for flow in found.flows)
    silent = 1 - baseline.whole.due / due
    if silent > UNHEARD:
        yield f"the record lacks {share(silent)} of the baseline's requests"


def _unsteady(baseline: Stretch) -> Iterator[str]:
    fine = goodness(baseline.whole) or 0.0
    half = len(baseline.seconds) // 2
    first = goodness(total(baseline.seconds[:half]))
    second = goodness(total(baseline.seconds[half:]))
    if fine < STEADY:
        yield f"the baseline was unsteady: only {share(fine)} of requests were good"
    elif first is None or second is None or abs(first - second) > DRIFT:
        parts = f"{share(first or 0.0)} good at first, {share(second or 0.0)} later"
        yield f"the baseline was unsteady: {parts}"


def _unasked(
    events: Sequence[Event], settings: Settings, found: Samples
) -> Iterator[str]:
    """Yield which correctness probes gave no answer once the harm had begun."""
    since = found.spans.fault.start if found.spans.fault else 0.0
    answered = {
        event.name
        for event in events
        if isinstance(event, ProbeMeasured)
        and event.at >= since
        and event.verdict != "unknown"
    }
    for name in settings.correctness:
        if name not in answered:
            yield f"{line(name)} gave no answer after the harm began"
