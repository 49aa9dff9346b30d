"""How sure a score is: the run's seconds drawn again and again, in blocks.

Neighbouring seconds resemble each other, so whole blocks of them are drawn, as long as
the cube root of the stretch (Kuensch 1989; Buehlmann 2002); they go round the end of
the stretch, so that its edges count as much as its middle (Politis and Romano 1992).
Recovery is no stationary stretch: its seconds are drawn among those before the system
was back and those from then on, each apart.

Two things that a plain bootstrap of a few seconds leaves out are put back. Failures
that happened not to be seen: each draw has some more, by Jeffreys' prior on a Poisson
rate, so that no failure in 500 requests is not taken for none in a million. And that
few blocks vary too little: what is drawn is moved away from what was measured, by as
much as Student's t is wider than the normal.
"""

from __future__ import annotations

from itertools import accumulate
from math import cbrt, ceil, sqrt
from typing import TYPE_CHECKING

from chaos_mcp.score.samples import Sums

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

CONFIDENCE = 0.95
NORMAL = 1.96
STUDENT = (NORMAL, 2.372, 2.823, 2.556, 1.589)
"""The expansion's terms at that quantile, over rising powers of the freedom."""
LEAST_BLOCKS = 3.0
"""With fewer there is no telling; they are treated as so many."""

Blocks = list[tuple[int, int]]
"""Parts of a stretch drawn, each from one second up to another."""


class Draws:
    """Draws blocks of a stretch's seconds, and adds them up without walking them."""

    def __init__(self, seconds: Sequence[Sums], chance: random.Random) -> None:
        """Prepare running totals, so that a block's sum is one subtraction."""
        self._seconds = seconds
        self._chance = chance
        self._widening = widening(len(seconds))
        twice = [*seconds, *seconds]  # a block may go round the end
        self._due = _running(one.due for one in twice)
        self._succeeded = _running(one.succeeded for one in twice)
        self._good = _running(one.good for one in twice)
        self._utility = _running(one.utility for one in twice)

    def total(self) -> Sums:
        """Return the sums of a stretch drawn anew, as far apart as they should be."""
        due = succeeded = good = utility = 0.0
        for start, end in self._blocks():
            due += self._due[end] - self._due[start]
            succeeded += self._succeeded[end] - self._succeeded[start]
            good += self._good[end] - self._good[start]
            utility += self._utility[end] - self._utility[start]
        return Sums(
            self._apart(self._due, due),
            self._apart(self._succeeded, succeeded),
            self._apart(self._good, good),
            self._apart(self._utility, utility),
        )

    def seconds(self) -> list[Sums]:
        """Return the seconds of a stretch drawn anew."""
        length = len(self._seconds)
        return [
            self._seconds[index % length]
            for start, end in self._blocks()
            for index in range(start, end)
        ]

    def _apart(self, running: Sequence[float], drawn: float) -> float:
        measured = running[len(self._seconds)]
        return max(0.0, measured + self._widening * (drawn - measured))

    def _blocks(self) -> Blocks:
        length = len(self._seconds)
        if not length:
            return []
        size = block(length)
        draw = self._chance.random
        starts = [int(draw() * length) for _ in range(ceil(length / size))]
        blocks = [(start, start + size) for start in starts]
        rest = length - size * (len(starts) - 1)
        blocks[-1] = (starts[-1], starts[-1] + rest)
        return blocks


def block(length: int) -> int:
    """Return how many seconds a block has in a stretch of so many."""
    return min(length, ceil(cbrt(length)))


def _running(column: Iterable[float]) -> list[float]:
    return list(accumulate(column, initial=0.0))


def unseen(chance: random.Random) -> float:
    """Return how many more failures there might have been: Gamma(1/2, 1)."""
    return chance.gauss(0.0, 1.0) ** 2 / 2


def widening(length: int) -> float:
    """Return by what the draws from a stretch of so many seconds are too close.

    With k blocks: sqrt(k / (k - 1)), since their mean is not known either, times the
    97.5 % quantile of Student's t with k - 1 degrees of freedom over the normal's, by
    its expansion (Abramowitz and Stegun, 26.7.5).
    """
    blocks = max(LEAST_BLOCKS, length / block(length)) if length else LEAST_BLOCKS
    free = blocks - 1
    student = sum(term / free**power for power, term in enumerate(STUDENT))
    return sqrt(blocks / free) * student / NORMAL


def interval(values: Sequence[float], value: float) -> tuple[float, float]:
    """Return the bounds between which the middle 95 % of values lie, and `value`."""
    ordered = sorted(values)
    tail = (1 - CONFIDENCE) / 2
    last = len(ordered) - 1
    low, high = ordered[int(tail * last)], ordered[ceil((1 - tail) * last)]
    return min(low, value), max(high, value)
