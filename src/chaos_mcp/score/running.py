"""Seconds of a stretch added up without walking them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from chaos_mcp.score.samples import Sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Blocks = list[tuple[int, int]]
"""Parts of a stretch, each from one second up to another; it may go round the end."""


class Running:
    """Running totals of a stretch's seconds, so that a block's sum is a subtraction."""

    def __init__(self, seconds: Sequence[Sums]) -> None:
        """Add up the stretch twice over: a block may go round its end."""
        self.seconds = seconds
        twice = [*seconds, *seconds]
        self._due = _totals(one.due for one in twice)
        self._succeeded = _totals(one.succeeded for one in twice)
        self._good = _totals(one.good for one in twice)
        self._utility = _totals(one.utility for one in twice)

    def whole(self) -> Sums:
        """Return all seconds together."""
        return self.together([(0, len(self.seconds))])

    def together(self, blocks: Blocks) -> Sums:
        """Return all seconds of these blocks together."""
        if not blocks:
            return Sums()
        starts, ends = zip(*blocks, strict=True)

        def gained(totals: list[float]) -> float:
            at = totals.__getitem__
            return sum(map(at, ends)) - sum(map(at, starts))

        return Sums(
            gained(self._due),
            gained(self._succeeded),
            gained(self._good),
            gained(self._utility),
        )

    def each(self, blocks: Blocks) -> Iterator[Sums]:
        """Yield the seconds of these blocks, one by one."""
        length = len(self.seconds)
        for start, end in blocks:
            for index in range(start, end):
                yield self.seconds[index % length]


@dataclass(frozen=True, slots=True)
class Row:
    """Seconds one after the other, of one stretch or of several."""

    parts: tuple[tuple[Running, Blocks], ...] = ()

    def __len__(self) -> int:
        """Return how many seconds these are."""
        return sum(end - start for _, blocks in self.parts for start, end in blocks)

    def __iter__(self) -> Iterator[Sums]:
        """Yield them one by one."""
        return chain.from_iterable(part.each(blocks) for part, blocks in self.parts)

    def since(self, first: int) -> Sums:
        """Return the seconds from this one on, the first of all being 0, together."""
        due = succeeded = good = utility = 0.0
        for part, blocks in self.parts:
            some = part.together(_from(blocks, first))
            first -= sum(end - start for start, end in blocks)
            due += some.due
            succeeded += some.succeeded
            good += some.good
            utility += some.utility
        return Sums(due, succeeded, good, utility)


def row(seconds: Sequence[Sums]) -> Row:
    """Return the seconds of a stretch, as they were."""
    return Row(((Running(seconds), [(0, len(seconds))]),))


def _from(blocks: Blocks, first: int) -> Blocks:
    """Return what of these blocks is left from one of their seconds on."""
    left: Blocks = []
    for start, end in blocks:
        if first < end - start:
            left.append((start + max(0, first), end))
        first -= end - start
    return left


def _totals(column: Iterable[float]) -> list[float]:
    return list(accumulate(column, initial=0.0))
