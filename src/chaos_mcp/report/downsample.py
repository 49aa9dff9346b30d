"""Fewer points for the same picture: of each stretch, all extremes are kept."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chaos_mcp.score.model import Second

MOST = 6000
"""Points that a chart draws quickly."""

T = TypeVar("T")


def downsample(seconds: Sequence[Second], most: int = MOST) -> list[Second]:
    """Return at most so many seconds, in their order.

    Of every stretch those are among them in which each thing that is drawn was least
    and greatest, so that nothing that sticks out is lost.
    """
    return extremes(seconds, DRAWN, most)


def thinned(
    points: Sequence[tuple[float, float]], most: int = MOST
) -> list[tuple[float, float]]:
    """Return at most so many points (x, y), the lowest and highest of each stretch."""
    return extremes(points, (itemgetter(1),), most)


def extremes(
    rows: Sequence[T], columns: Sequence[Callable[[T], float]], most: int
) -> list[T]:
    """Return at most so many rows: of each stretch, the extremes of each column."""
    if len(rows) <= most:
        return list(rows)
    stretches = max(1, most // (2 * len(columns)))
    stretch = -(-len(rows) // stretches)
    kept: list[T] = []
    for start in range(0, len(rows), stretch):
        places = range(start, min(start + stretch, len(rows)))
        kept.extend(rows[place] for place in _outermost(rows, columns, places))
    return kept


def _outermost(
    rows: Sequence[T], columns: Sequence[Callable[[T], float]], places: range
) -> list[int]:
    """Return where, among these places, each column is least and greatest."""
    chosen = set()
    for column in columns:
        values = [column(rows[place]) for place in places]
        chosen.add(places[values.index(min(values))])
        chosen.add(places[values.index(max(values))])
    return sorted(chosen)


def _failed(one: Second) -> float:
    return one.sent - one.succeeded


def _or_zero(name: str) -> Callable[[Second], float]:
    get = attrgetter(name)
    return lambda one: get(one) or 0.0


DRAWN: tuple[Callable[[Second], float], ...] = (
    attrgetter("sent"),
    attrgetter("good"),
    _failed,
    _or_zero("p50"),
    _or_zero("p95"),
    _or_zero("p99"),
)
"""What charts draw of a second."""
