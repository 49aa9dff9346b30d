"""Seconds of a stretch added up without walking them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain
from operator import attrgetter, itemgetter, sub
from typing import TYPE_CHECKING

from chaos_mcp.score.samples import Sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

COLUMNS = tuple(map(attrgetter, ("due", "succeeded", "good", "utility")))


class Running:
    """Running totals of a stretch's seconds, and what each block of them adds up to.

    A block has `size` seconds and begins at any of them; it may go round the end.
    """

    def __init__(self, seconds: Sequence[Sums], size: int) -> None:
        """Add up the stretch, twice over for the blocks that go round its end."""
        self.seconds, self.size = seconds, size
        twice, length = [*seconds, *seconds], len(seconds)
        self._totals = [[*accumulate(map(of, twice), initial=0.0)] for of in COLUMNS]
        self._blocks = [
            [*map(sub, totals[size : size + length], totals)] for totals in self._totals
        ]

    def whole(self) -> Sums:
        """Return all seconds together."""
        return Sums(*(totals[len(self.seconds)] for totals in self._totals))

    def together(self, starts: Sequence[int], edges: Sequence[tuple[int, int]]) -> Sums:
        """Return whole blocks, and what is between the edges, together."""
        blocks = _adding(starts)
        sums = (
            blocks(column) + sum(totals[end] - totals[start] for start, end in edges)
            for column, totals in zip(self._blocks, self._totals, strict=True)
        )
        return Sums(*sums)


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks of a stretch, one after the other; of the last not more than is left."""

    running: Running
    starts: Sequence[int]
    length: int
    """The seconds of all together."""

    def __iter__(self) -> Iterator[Sums]:
        """Yield its seconds one by one."""
        seconds, size, left = self.running.seconds, self.running.size, self.length
        for start in self.starts:
            for index in range(start, start + min(size, left)):
                yield seconds[index % len(seconds)]
            left -= size

    def since(self, first: int) -> Sums:
        """Return its seconds from this one on together."""
        size, last, first = self.running.size, len(self.starts) - 1, max(0, first)
        if first >= self.length:
            return Sums()
        number, within = divmod(first, size)
        begin, end = self.starts[number], self.starts[last] + self.length - size * last
        if number == last:
            return self.running.together((), [(begin + within, end)])
        edges = [(begin + within, begin + size), (self.starts[last], end)]
        return self.running.together(self.starts[number + 1 : last], edges)


@dataclass(frozen=True, slots=True)
class Row:
    """Seconds one after the other, of one stretch or of several."""

    parts: tuple[Part, ...] = ()

    def __len__(self) -> int:
        """Return how many seconds these are."""
        return sum(part.length for part in self.parts)

    def __iter__(self) -> Iterator[Sums]:
        """Yield them one by one."""
        return chain.from_iterable(self.parts)

    def since(self, first: int) -> Sums:
        """Return the seconds from this one on, the first of all being 0, together."""
        due = succeeded = good = utility = 0.0
        for part in self.parts:
            some = part.since(first)
            first -= part.length
            due += some.due
            succeeded += some.succeeded
            good += some.good
            utility += some.utility
        return Sums(due, succeeded, good, utility)


def row(seconds: Sequence[Sums]) -> Row:
    """Return the seconds of a stretch, as they were."""
    whole = Running(seconds, max(1, len(seconds)))
    return Row((Part(whole, (0,) if seconds else (), len(seconds)),))


def _adding(places: Sequence[int]) -> Callable[[Sequence[float]], float]:
    """Return what adds up a column's values at these places."""
    if len(places) <= 1:
        return lambda column: sum(column[place] for place in places)
    at = itemgetter(*places)
    return lambda column: sum(at(column))
