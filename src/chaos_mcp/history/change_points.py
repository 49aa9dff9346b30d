"""When a series changed for good: E-Divisive (Matteson and James 2014).

A stretch is cut where the two sides differ most by their energy distance, and the cut
counts if few random orders of the same values allow as good a one. Then each side is
looked at in the same way. No distribution is assumed. Written here since the packages
that have it need numpy and SciPy, and since a history is hundreds of runs, not
millions.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PERMUTATIONS = 199
ALPHA = 0.05
LEAST = 5
"""Values on each side of a change; of fewer, 199 orders could not tell."""


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """The first value of a new regime."""

    index: int
    before: float
    """The median of the stretch before it."""
    after: float
    chance: float
    """The share of random orders that can be cut as well."""


def change_points(
    values: Sequence[float], seed: int = 0, least: int = LEAST
) -> list[ChangePoint]:
    """Return where a series changed, in order; the same seed gives the same."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    found: dict[int, float] = {}
    _divide(values, 0, len(values), least, chance, found)
    cuts = [0, *sorted(found), len(values)]
    return [
        ChangePoint(
            cut,
            _median(values[cuts[number] : cut]),
            _median(values[cut : cuts[number + 2]]),
            found[cut],
        )
        for number, cut in enumerate(cuts[1:-1])
    ]


def _divide(
    values: Sequence[float],
    start: int,
    end: int,
    least: int,
    chance: random.Random,
    found: dict[int, float],
) -> None:
    stretch = list(values[start:end])
    cut, strength = best_cut(stretch, least)
    if cut is None:
        return
    better = 1
    for _ in range(PERMUTATIONS):
        chance.shuffle(stretch)
        better += best_cut(stretch, least)[1] >= strength
        if better > ALPHA * (PERMUTATIONS + 1):
            return
    found[start + cut] = better / (PERMUTATIONS + 1)
    _divide(values, start, start + cut, least, chance, found)
    _divide(values, start + cut, end, least, chance, found)


def best_cut(values: Sequence[float], least: int = LEAST) -> tuple[int | None, float]:
    """Return where two sides differ most, and their scaled energy distance.

    Q = mn / (m + n) (2 E|X - Y| - E|X - X'| - E|Y - Y'|), kept up to date as one value
    after another goes from the right side to the left.
    """
    length = len(values)
    best: int | None = None
    strength = 0.0
    left, right, across = 0.0, _within(values), 0.0
    for cut in range(1, length - least + 1):
        moved = values[cut - 1]
        to_left = sum(abs(moved - one) for one in values[: cut - 1])
        to_right = sum(abs(moved - one) for one in values[cut:])
        left, right = left + to_left, right - to_right
        across += to_right - to_left
        if cut < least:
            continue
        m, n = cut, length - cut
        inner = left / (m * (m - 1) / 2) + right / (n * (n - 1) / 2)
        q = m * n / (m + n) * (2 * across / (m * n) - inner)
        if q > strength:
            best, strength = cut, q
    return best, strength


def _within(values: Sequence[float]) -> float:
    """Return the sum of all distances between two values of one side."""
    total, ordered = 0.0, sorted(values)
    for place, one in enumerate(ordered):
        total += one * (2 * place - len(ordered) + 1)
    return total


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
