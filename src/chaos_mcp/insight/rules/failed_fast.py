"""Requests failed at once: trouble is noticed, but nothing serves instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Insight
from chaos_mcp.insight.rules.no_timeout import TIMEOUT
from chaos_mcp.journal.model import Window
from chaos_mcp.journal.words import line, seconds, share
from chaos_mcp.score.samples import quantile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.model import FaultImpact
    from chaos_mcp.insight.view import View

MANY = 0.02
"""Share of a fault's requests that must have failed so, over the usual."""
QUICK = 0.25
"""Of the deadline: failures that come sooner come quickly."""


def find(view: View) -> Iterator[Insight]:
    """Yield for each fault under which many requests failed quickly."""
    for one in view.faults:
        kinds = {k: n for k, n in one.during.errors.items() if k != TIMEOUT}
        if not kinds or not one.during.requests:
            continue
        kind, number = next(iter(kinds.items()))
        usual = one.before.errors.get(kind, 0) / max(1, one.before.requests)
        failed, took = number / one.during.requests, _took(view, one, kind)
        if failed - usual < MANY or took is None:
            continue
        deadline = view.flows[one.workload].promise.deadline
        if took <= QUICK * deadline:
            yield _insight(view, one, kind, failed, took)


def _insight(
    view: View, one: FaultImpact, kind: str, failed: float, took: float
) -> Insight:
    return Insight(
        "failed-fast",
        "bad",
        f"{share(failed)} of {line(one.workload)} requests failed with {line(kind)} "
        f"while {line(one.name)} stood, after {seconds(took)} at the median: the "
        "trouble is noticed at once, and nothing serves instead",
        view.shows(one, one.time_to_effect),
        f"answer {line(one.workload)} from something older, simpler or partial when "
        "what it needs is away, or retry where that is safe",
    )


def _took(view: View, one: FaultImpact, kind: str) -> float | None:
    """Return the median time until failures of a kind came."""
    flow = view.flows[one.workload]
    within = flow.between(Window(one.window.start, one.window.end))
    pairs = zip(flow.took[within], flow.result[within], strict=True)
    return quantile(sorted(took for took, result in pairs if result == kind), 0.5)
