"""Failed requests of each second, by kind."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from chaos_mcp.events import WorkloadSampled
from chaos_mcp.report.html.element import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.score.model import Second

MOST = 4
"""Kinds that have a line of their own, the most frequent ones."""
OTHER = "other"
UNHEARD = "unheard of"
"""Requests that were due, and of which the record says nothing."""
SHORT = 40

Kinds = dict[str, Counter[int]]
"""By kind: how many failed so in which second."""


def failures(events: Iterable[Event], seconds: Sequence[Second]) -> Kinds:
    """Return the failures by kind, the most frequent kind first."""
    counted = _counted(events)
    ranked = sorted(counted, key=lambda kind: -counted[kind].total())
    found: Kinds = {plain(kind, SHORT): counted[kind] for kind in ranked[:MOST]}
    if rest := ranked[MOST:]:
        found[OTHER] = sum((counted[kind] for kind in rest), Counter())
    if unheard := _unheard(seconds, counted):
        found[UNHEARD] = unheard
    return found


def _counted(events: Iterable[Event]) -> Kinds:
    sampled = (event for event in events if isinstance(event, WorkloadSampled))
    pairs = chain.from_iterable(
        zip(one.result, map(int, one.sent), strict=False) for one in sampled
    )
    found: Kinds = {}
    for (kind, second), times in Counter(pairs).items():
        if kind != "ok":
            found.setdefault(kind, Counter())[second] = times
    return found


def _unheard(
    seconds: Iterable[Second], counted: Mapping[str, Counter[int]]
) -> Counter[int]:
    """Return how many failures of each second no kind accounts for."""
    found: Counter[int] = Counter()
    for one in seconds:
        told = sum(times[int(one.at)] for times in counted.values())
        if (rest := one.sent - one.succeeded - told) > 0:
            found[int(one.at)] = rest
    return found
