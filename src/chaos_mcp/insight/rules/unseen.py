"""Customers noticed, and no probe did; or a probe cried wolf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import ProbeMeasured
from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import line, seconds, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.model import FaultImpact
    from chaos_mcp.insight.view import View

LATE = 5.0
"""Seconds after which it is late to notice what customers see."""


def find(view: View) -> Iterator[Insight]:
    """Yield harm that no probe saw, or saw late, and alarms without harm."""
    for one in view.faults:
        felt, seen = one.time_to_effect, one.time_to_detect
        if felt is not None and seen is None:
            yield _missed(view, one)
        elif felt is not None and seen is not None and seen - felt > LATE:
            yield _late(view, one, seen - felt)
    if view.faults and all(one.time_to_effect is None for one in view.faults):
        yield from _wolf(view)


def _missed(view: View, one: FaultImpact) -> Insight:
    return Insight(
        "undetected",
        "warn",
        f"goodput of {line(one.workload)} fell to {share(one.worst)} of normal in its "
        f"worst second while {line(one.name)} stood, and no probe deviated",
        view.shows(one, one.time_to_effect),
        f"add a probe, and an alert, that looks at what {line(one.workload)} looks at",
    )


def _late(view: View, one: FaultImpact, lag: float) -> Insight:
    return Insight(
        "detected-late",
        "warn",
        f"the first probe deviated {seconds(lag)} after customers of "
        f"{line(one.workload)} noticed {line(one.name)}",
        (*view.shows(one, one.time_to_effect), *view.deviations()[:1]),
        "probe more often, or nearer to what customers see",
    )


def _wolf(view: View) -> Iterator[Insight]:
    since = view.faults[0].window.start
    names = dict.fromkeys(
        event.name
        for event in view.events
        if isinstance(event, ProbeMeasured)
        and (event.role, event.verdict, event.when)
        == ("hypothesis", "deviated", "during")
        and event.at >= since
        and event.name not in view.settings.correctness
    )
    for name in names:
        yield Insight(
            "alarm-without-harm",
            "warn",
            f"{line(name)} deviated while no workload noticed anything",
            view.deviations(name),
            "widen its tolerance, or add the workload that would have noticed",
        )
