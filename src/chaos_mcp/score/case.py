"""One run's case: what its number is computed from, and how sure that number is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.score.bootstrap import Draws, interval, unseen
from chaos_mcp.score.parts import Course, Terms, course_of, ratios
from chaos_mcp.score.running import Row
from chaos_mcp.score.samples import Sums

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos_mcp.score.model import Cap
    from chaos_mcp.score.samples import Stretch

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Case:
    """A run with a number: its stretches, its recovery, and its limits."""

    before: Stretch
    under: Stretch
    course: Course
    terms: Terms
    caps: tuple[Cap, ...]

    @property
    def ratios(self) -> dict[str, float]:
        """Return each part's ratio, as measured."""
        return ratios(self.before.whole, self.under.whole, self.course, self.terms)

    @property
    def most(self) -> float:
        """Return what the score is limited to."""
        return min((cap.at for cap in self.caps), default=100.0)

    @property
    def value(self) -> float:
        """Return the score."""
        return round(self._points(self.ratios, self.terms.weights), DIGITS)

    def interval(self, seed: int, resamples: int) -> tuple[float, float]:
        """Return the bounds of the score's 95 % interval; `value` lies within."""
        weights = self.terms.weights
        values = [
            self._points(ratio, weights) for ratio in self._draws(seed, resamples)
        ]
        low, high = interval([round(value, DIGITS) for value in values], self.value)
        return low, high

    def _points(
        self, ratio: Mapping[str, float], weights: Mapping[str, float]
    ) -> float:
        lost = sum(weights[name] * (1 - ratio[name]) for name in weights)
        return max(0.0, min(100 - lost, self.most))

    def _draws(self, seed: int, resamples: int) -> Iterator[dict[str, float]]:
        chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        seconds, back = [*self.course.seconds], self.course.back
        before = Draws(self.before.seconds, chance)
        under = Draws(self.under.seconds, chance)
        coming = Draws(seconds[:back], chance)
        well = Draws(() if back is None else seconds[back:], chance)
        for _ in range(resamples):
            normal = before.total()
            course = self._again(Row((coming.part(), well.part())), normal)
            harmed = less(under.total(), unseen(chance))
            yield ratios(normal, harmed, course, self.terms)

    def _again(self, seconds: Row, normal: Sums) -> Course:
        """Return how the system came back in seconds drawn anew.

        Whether it came back at all was seen, and is not left to the draw.
        """
        if self.course.back is None:
            return Course(seconds, None)
        drawn = course_of(seconds, normal, self.terms.hold)
        back = self.course.back if drawn.back is None else drawn.back
        return Course(seconds, back)


def less(sums: Sums, bad: float) -> Sums:
    """Return sums in which so many more of the requests were bad."""
    return Sums(
        due=sums.due,
        succeeded=max(0.0, sums.succeeded - bad),
        good=max(0.0, sums.good - bad),
        utility=max(0.0, sums.utility - bad),
    )
