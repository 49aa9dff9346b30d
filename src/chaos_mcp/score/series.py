"""Traffic as a chart shows it: counts and quantiles by second, and by window."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chaos_mcp.score.model import Second
from chaos_mcp.score.samples import quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chaos_mcp.journal.model import Window, Windows
    from chaos_mcp.journal.traffic import Flow

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(slots=True)
class _Bin:
    sent: int = 0
    succeeded: int = 0
    good: int = 0
    latencies: list[float] = field(default_factory=list)


def series(flows: Iterable[Flow]) -> tuple[Second, ...]:
    """Return each second of the run in which something was due.

    Latencies are those of all requests, failures at their deadline: what customers
    waited for, not what a dead system was quick to refuse.
    """
    bins: dict[int, _Bin] = {}
    for flow in flows:
        _fill(bins, flow)
    return tuple(_second(at, bins[at]) for at in sorted(bins))


def _fill(bins: dict[int, _Bin], flow: Flow) -> None:
    good = flow.good(slice(None))
    for at, part in _seconds(flow.due):
        one = bins.setdefault(at, _Bin())
        one.sent += part.stop - part.start
        one.succeeded += sum(flow.succeeded[part])
        one.good += sum(good[part])
        one.latencies += flow.latency[part]
    for due in flow.silent:
        bins.setdefault(int(due), _Bin()).sent += 1


def _seconds(due: Sequence[float]) -> Iterator[tuple[int, slice]]:
    """Yield each second in which something was due, and where it stands."""
    start = 0
    while start < len(due):
        at = int(due[start])
        end = bisect_left(due, at + 1, start)
        yield at, slice(start, end)
        start = end


def _second(at: int, one: _Bin) -> Second:
    one.latencies.sort()
    return Second(
        at=float(at),
        sent=one.sent,
        succeeded=one.succeeded,
        good=one.good,
        p50=quantile(one.latencies, 0.5),
        p99=quantile(one.latencies, 0.99),
        p95=quantile(one.latencies, 0.95),
    )


def latencies(flows: Iterable[Flow], spans: Windows) -> dict[str, dict[str, float]]:
    """Return the quantiles of each window in seconds, failures at their deadline."""
    flows = tuple(flows)
    windows = {
        "baseline": spans.baseline,
        "fault": spans.fault,
        "recovery": spans.recovery,
    }
    quantiles = ((name, _quantiles(flows, window)) for name, window in windows.items())
    return {name: found for name, found in quantiles if found}


def _quantiles(flows: Iterable[Flow], window: Window | None) -> dict[str, float]:
    if window is None:
        return {}
    ordered = sorted(
        value for flow in flows for value in flow.latency[flow.between(window)]
    )
    found = {name: quantile(ordered, share) for name, share in QUANTILES.items()}
    return {name: value for name, value in found.items() if value is not None}
