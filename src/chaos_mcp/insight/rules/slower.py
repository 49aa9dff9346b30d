"""Answers came, but much later: the fault's delay reached the customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import FaultArmed
from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import line, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.model import FaultImpact
    from chaos_mcp.insight.view import View

MUCH = 3.0
"""Times the baseline's p99 from which answers came much later."""
TWICE = 1.8
"""Times the delay that was injected, from which it was paid more than once."""


def find(view: View) -> Iterator[Insight]:
    """Yield for each fault under which p99 rose to many times the baseline's."""
    for one in view.faults:
        before, during = one.before.p99, one.during.p99
        if not before or during is None or during < MUCH * before:
            continue
        soon = one.time_to_effect
        paid, advice = _paid(view, one)
        yield Insight(
            "slower",
            "warn",
            f"p99 of {line(one.workload)} rose {during / before:.0f} x{_when(soon)} "
            f"while {line(one.name)} stood: {seconds(before)} to {seconds(during)}"
            f"{paid}",
            view.shows(one, soon),
            advice,
        )


def _when(soon: float | None) -> str:
    if soon is None:
        return ""
    return f" within {seconds(soon)}" if soon else " at once"


def _paid(view: View, one: FaultImpact) -> tuple[str, str]:
    """Say how often an injected delay was paid for, where it was more than once."""
    delay = _delay(view, one.fault)
    p50, usual = one.during.p50, one.before.p50
    if not delay or p50 is None or usual is None or p50 - usual < TWICE * delay:
        return "", "bound how long the slow part may take, or take it off the way"
    times = (p50 - usual) / delay
    paid = f"the median request paid the fault's {seconds(delay)} {times:.0f} times"
    return f"; {paid}", "make the calls behind one request at once, or all in one"


def _delay(view: View, fault: str) -> float | None:
    """Return the delay that a fault put in, in seconds, if it is one that does."""
    for event in view.events:
        if isinstance(event, FaultArmed) and event.fault == fault:
            latency = event.spec.get("latency")
            return float(latency) if isinstance(latency, int | float) else None
    return None
