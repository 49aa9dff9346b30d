"""All insights of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.rules import RULES
from chaos_mcp.insight.view import View
from chaos_mcp.journal.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.insight.model import FaultImpact, Insight
    from chaos_mcp.score.model import Score


def learned(
    events: Sequence[Event], score: Score
) -> tuple[tuple[FaultImpact, ...], tuple[Insight, ...]]:
    """Return what each fault did to traffic, and what the run teaches."""
    view = View(Record(events), score)
    return view.faults, _insights(view)


def insights(events: Sequence[Event], score: Score) -> tuple[Insight, ...]:
    """Return what the run teaches, the weightiest first; nothing without evidence."""
    return _insights(View(Record(events), score))


def _insights(view: View) -> tuple[Insight, ...]:
    found = [one for rule in RULES for one in rule(view)]
    return tuple(one for one in found if one.evidence)
