"""Under one steady fault the system went up and down."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.impact import measured
from chaos_mcp.journal.tally import goodness, quality, tallies, whole
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.model import FaultImpact
    from chaos_mcp.insight.view import View

UP, DOWN = 0.8, 0.4
"""Shares of the baseline's goodput that a second must pass to be up, or down."""
OFTEN = 3
"""Changes from up to down or back, from which it flaps."""


def find(view: View) -> Iterator[Insight]:
    """Yield for each fault under which a workload was now up, now down."""
    for one in view.faults:
        turns = _turns(view, one)
        if turns >= OFTEN:
            yield Insight(
                "flapping",
                "warn",
                f"{line(one.workload)} went up and down {turns} times while "
                f"{line(one.name)} stood all the time",
                view.shows(one, one.time_to_effect),
                "look at breakers that open and close too soon, health checks that "
                "restart what is only slow, and retries that come all at once",
            )


def _turns(view: View, one: FaultImpact) -> int:
    flow = view.flows[one.workload]
    before = measured(view.spans.baseline, [flow])
    during = measured(one.window, [flow])
    normal = goodness(whole(tallies([flow], before))) if before else None
    if not normal or during is None:
        return 0
    levels = (_level(q) for q in quality(tallies([flow], during), normal))
    clear = [level for level in levels if level is not None]
    return sum(now != then for then, now in pairwise(clear))


def _level(q: float) -> bool | None:
    if q >= UP:
        return True
    return False if q <= DOWN else None
