"""The error budget burned faster than promised.

The burn rate, and what it means for a budget of 30 days: Google, The Site Reliability
Workbook, chapter 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.view import View


FAST = 1.0
DAYS = 30
HOUR, DAY = 3600.0, 86400.0


def find(view: View) -> Iterator[Insight]:
    """Yield that the budget burned faster than the promise allows."""
    rate = view.score.burn_rate
    if rate is None or rate <= FAST or not view.faults:
        return
    worst = min(view.faults, key=lambda one: one.worst)
    yield Insight(
        "budget-burned",
        "bad",
        f"the error budget burned {rate:.3g} x as fast as promised while faults stood: "
        f"an outage like this uses up {DAYS} days of it in {_span(DAYS * DAY / rate)}",
        view.shows(worst, worst.time_to_effect),
    )


def _span(time: float) -> str:
    if time >= 2 * DAY:
        return f"{time / DAY:.3g} days"
    return f"{time / HOUR:.3g} h" if time >= HOUR else seconds(time)
