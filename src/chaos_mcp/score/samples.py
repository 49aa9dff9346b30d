"""Requests summed up second by second, in each of the stretches that are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, log
from typing import TYPE_CHECKING

from chaos_mcp.journal.impact import measured
from chaos_mcp.journal.tally import parts, second_of, tallies
from chaos_mcp.journal.traffic import flows
from chaos_mcp.journal.windows import windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Window, Windows
    from chaos_mcp.journal.traffic import Flow


@dataclass(frozen=True, slots=True)
class Sums:
    """Requests of a stretch of time."""

    due: float = 0.0
    succeeded: float = 0.0
    good: float = 0.0
    utility: float = 0.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A window's requests, second by second from its start: one row a second."""

    window: Window
    seconds: tuple[Sums, ...]

    @property
    def whole(self) -> Sums:
        """Return all seconds together."""
        return total(self.seconds)


@dataclass(frozen=True, slots=True)
class Samples:
    """All that the score's numbers come from."""

    flows: tuple[Flow, ...]
    spans: Windows
    baseline: Stretch | None
    fault: Stretch | None
    recovery: Stretch | None
    allowance: float
    """Requests that may be bad in the measured time: of each workload, what it
    promised times its requests in all three stretches."""


def samples(events: Sequence[Event]) -> Samples:
    """Return the requests of a run, summed up by second.

    Silence is never in the system's favour: what went unheard counts as failed under
    harm and in recovery, and for nothing in the baseline, which the rest is compared
    with.
    """
    traffic, spans = flows(events), windows(events)
    heard = tuple(replace(flow, silent=[]) for flow in traffic)
    references = {flow.name: p95(flow, spans.baseline) for flow in heard}
    windowed = (
        (heard, measured(spans.baseline, traffic)),
        (traffic, measured(spans.fault, traffic)),
        (traffic, measured(spans.recovery, traffic)),
    )
    baseline, fault, recovery = (
        _stretch(some, window, references) if window else None
        for some, window in windowed
    )
    allowed = sum(_allowed(some, window) for some, window in windowed if window)
    return Samples(traffic, spans, baseline, fault, recovery, allowed)


def _allowed(traffic: Iterable[Flow], window: Window) -> float:
    return sum(
        max(0.0, 1 - flow.promise.availability) * flow.count(window) for flow in traffic
    )


def total(seconds: Iterable[Sums]) -> Sums:
    """Return several seconds as one."""
    due = succeeded = good = utility = 0.0
    for one in seconds:
        due += one.due
        succeeded += one.succeeded
        good += one.good
        utility += one.utility
    return Sums(due, succeeded, good, utility)


def p95(flow: Flow, baseline: Window | None) -> float | None:
    """Return the latency that 95 % of the baseline's answers kept to, in seconds."""
    if baseline is None:
        return None
    within = flow.between(baseline)
    pairs = zip(flow.latency[within], flow.succeeded[within], strict=True)
    return quantile(sorted(latency for latency, fine in pairs if fine), 0.95)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the value that this share of ordered values doesn't exceed."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def utility(latency: float, reference: float | None) -> float:
    """Return what an answer is worth that took so long, from 0 to 1.

    1 up to the reference, 0 from ten times the reference on, and in between a
    straight line over the logarithm: u(l) = clip(1 - ln(l/ref)/ln(10), 0, 1).
    """
    if reference is None:
        return 0.0
    if latency <= reference:
        return 1.0
    if reference <= 0:
        return 0.0
    return max(0.0, 1 - log(latency / reference) / _TEN)


_TEN = log(10)


def _stretch(
    traffic: Sequence[Flow], window: Window, references: Mapping[str, float | None]
) -> Stretch:
    counted = tallies(traffic, window)
    worth = [0.0] * len(counted)
    for flow in traffic:
        _add_utility(worth, flow, window, references[flow.name])
    return Stretch(
        window,
        tuple(
            Sums(one.due, one.succeeded, one.good, value)
            for one, value in zip(counted, worth, strict=True)
        ),
    )


def _add_utility(
    worth: list[float], flow: Flow, window: Window, reference: float | None
) -> None:
    within = flow.between(window)
    due, latency = flow.due[within], flow.latency[within]
    for number, part in enumerate(parts(due, window, worth)):
        worth[number] += sum(utility(one, reference) for one in latency[part])
    # What went unheard is worth as much as what came at the deadline.
    silent = utility(flow.promise.deadline, reference)
    for unheard in flow.unheard(window):
        worth[second_of(unheard, window, len(worth))] += silent
