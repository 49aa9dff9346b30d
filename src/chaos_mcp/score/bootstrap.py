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

from math import cbrt, ceil, sqrt
from typing import TYPE_CHECKING

from chaos_mcp.score.running import Part, Running
from chaos_mcp.score.samples import Sums

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

CONFIDENCE = 0.95
NORMAL = 1.96
STUDENT = (NORMAL, 2.372, 2.823, 2.556, 1.589)
"""The expansion's terms at that quantile, over rising powers of the freedom."""
LEAST_BLOCKS = 3.0
"""With fewer there is no telling; they are treated as so many."""


class Draws:
    """Draws blocks of a stretch's seconds, and adds them up without walking them."""

    def __init__(self, seconds: Sequence[Sums], chance: random.Random) -> None:
        """Draw from these seconds."""
        self._length, self._block = len(seconds), block(len(seconds))
        self._running = Running(seconds, self._block)
        self._chance = chance
        self._widening = widening(len(seconds))
        self._measured = self._running.whole()

    def total(self) -> Sums:
        """Return the sums of a stretch drawn anew, as far apart as they should be."""
        measured, drawn = self._measured, self.part().since(0)
        return Sums(
            self._apart(measured.due, drawn.due),
            self._apart(measured.succeeded, drawn.succeeded),
            self._apart(measured.good, drawn.good),
            self._apart(measured.utility, drawn.utility),
        )

    def part(self) -> Part:
        """Return the seconds of a stretch drawn anew, as part of a row."""
        length, draw = self._length, self._chance.random
        blocks = range(ceil(length / self._block) if length else 0)
        return Part(self._running, [int(draw() * length) for _ in blocks], length)

    def _apart(self, measured: float, drawn: float) -> float:
        return max(0.0, measured + self._widening * (drawn - measured))


def block(length: int) -> int:
    """Return how many seconds a block has in a stretch of so many."""
    return min(length, ceil(cbrt(length)))


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
