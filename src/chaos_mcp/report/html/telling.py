"""Which moments a page has room for: those that tell most of how the run went."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.journal.model import Moment

MOST = 2000
"""Moments that are listed; the journal has all."""
FIRST = {"run": 0, "fault": 0, "workload": 1, "action": 2}
"""The lanes that come first where there is no room for all."""
REST = 3


def telling(moments: Sequence[Moment], most: int = MOST) -> Sequence[Moment]:
    """Return at most so many moments in their order, the most telling ones.

    Of each lane the earliest are kept: how trouble began tells more than its going on.
    """
    if len(moments) <= most:
        return moments
    places = range(len(moments))
    ranked = sorted(places, key=lambda place: _rank(moments[place]))
    return [moments[place] for place in sorted(ranked[:most])]


def _rank(moment: Moment) -> int:
    return FIRST.get(moment.lane, REST)
