"""Marks on a lane: what happened at a moment, the worst first where they are many."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from chaos_mcp.journal.answers import answers as answers_of
from chaos_mcp.journal.sentences import LANES, TONES, moment
from chaos_mcp.report.html.element import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chaos_mcp.events import Event, ProbeMeasured
    from chaos_mcp.journal.model import Lane, Moment

MOST = 400
"""Marks of a lane; the table of events has more."""
SHORT = 80
ORDER = ("bad", "warn", "good", "plain")
"""Which marks are kept where there is no room for all."""


def answers(events: Iterable[Event]) -> dict[Lane, list[Moment]]:
    """Return what probes answered, by lane; of endless answers those that tell most."""
    asked: dict[Lane, list[ProbeMeasured]] = {}
    for (role, _), found in answers_of(events).items():
        asked.setdefault(LANES[role], []).extend(found)
    for found in asked.values():
        found.sort(key=attrgetter("seq"))
    return {lane: _told(found) for lane, found in asked.items()}


def _told(found: Sequence[ProbeMeasured]) -> list[Moment]:
    """Return some answers as moments: the worst, and of the rest every so manieth."""
    if len(found) > MOST:
        worst = [one for one in found if TONES[one.verdict] != "good"]
        found = [*_spread(worst), *_spread(found)]
    return [told for event in found if (told := moment(event))]


def _spread(found: Sequence[ProbeMeasured]) -> Sequence[ProbeMeasured]:
    return found[:: -(-2 * len(found) // MOST) or 1]


def marks(moments: Sequence[Moment]) -> list[dict[str, Any]]:
    """Return moments as marks in the order in which they came."""
    if len(moments) > MOST:
        moments = sorted(moments, key=lambda one: ORDER.index(one.tone))[:MOST]
    return [_mark(one) for one in sorted(moments, key=lambda one: one.at)]


def _mark(one: Moment) -> dict[str, Any]:
    return {
        "at": round(one.at, 3),
        "tone": one.tone,
        "name": plain(one.title, SHORT),
        "seq": one.seq,
    }
