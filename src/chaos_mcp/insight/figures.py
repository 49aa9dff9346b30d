"""A workload's requests in a window, as figures."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Figures
from chaos_mcp.score.samples import quantile

if TYPE_CHECKING:
    from chaos_mcp.journal.model import Window
    from chaos_mcp.journal.traffic import Flow

UNHEARD = "unheard"
"""The kind of failure of a request of which the record says nothing."""


def figures(flow: Flow, window: Window) -> Figures:
    """Return what became of the requests that were due in a window.

    The quantiles are of the requests that succeeded: what failures cost is told by the
    error rate, and a failure that came at once must not make the system look quick.
    """
    within = flow.between(window)
    fine = flow.succeeded[within]
    errors = _errors(flow, window)
    number = flow.count(window)
    took = sorted(took for took, ok in zip(flow.took[within], fine, strict=True) if ok)
    span = window.end - window.start
    return Figures(
        requests=number,
        error_rate=sum(errors.values()) / number if number else 0.0,
        goodput=sum(flow.good(within)) / span if span > 0 else 0.0,
        p50=quantile(took, 0.50),
        p95=quantile(took, 0.95),
        p99=quantile(took, 0.99),
        errors=errors,
    )


def _errors(flow: Flow, window: Window) -> dict[str, int]:
    within = flow.between(window)
    pairs = zip(flow.result[within], flow.succeeded[within], strict=True)
    found = Counter(result for result, fine in pairs if not fine)
    if unheard := len(flow.unheard(window)):
        found[UNHEARD] += unheard
    return dict(found.most_common())
