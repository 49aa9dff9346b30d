"""Requests counted second by second, and when a system is as good as before."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chaos_mcp.journal.model import Window
    from chaos_mcp.journal.traffic import Flow

EDGE = 5e-7
"""Seconds by which a time may be off from how floats are added."""
ENOUGH = 0.9
"""The share of the baseline's goodput from which a second counts as good."""
REMAINDER = 0.2
"""Seconds that do not make a second of their own at the end of a window."""
MOST_SECONDS = 1_000_000


@dataclass(slots=True)
class Tally:
    """The requests that were due in one second."""

    due: int = 0
    """Sent, or to be sent: silent ones are among them, and did not succeed."""
    succeeded: int = 0
    good: int = 0
    """Succeeded, and within the SLO."""


def tallies(flows: Iterable[Flow], window: Window) -> list[Tally]:
    """Return the requests of all flows in each second of a window.

    Seconds are counted from the window's start, so that a run begun later gives the
    same. A short remainder belongs to the last second.
    """
    span = window.end - window.start
    length = min(max(1, ceil(span - REMAINDER)), MOST_SECONDS)
    seconds = [Tally() for _ in range(length)]
    for flow in flows:
        _count(flow, window, seconds)
    return seconds


def _count(flow: Flow, window: Window, seconds: Sequence[Tally]) -> None:
    within = flow.between(window)
    succeeded, good = flow.succeeded[within], flow.good(within)
    for tally, part in zip(
        seconds, parts(flow.due[within], window, seconds), strict=True
    ):
        tally.due += part.stop - part.start
        tally.succeeded += sum(succeeded[part])
        tally.good += sum(good[part])
    for due in flow.unheard(window):
        seconds[second_of(due, window, len(seconds))].due += 1


def parts(
    due: Sequence[float], window: Window, seconds: Sequence[object]
) -> Iterator[slice]:
    """Yield for each of a window's seconds where, among ordered times, its own stand.

    They are those of which `second_of` says so; here nobody asks for each.
    """
    start = 0
    for number in range(1, len(seconds)):
        end = bisect_left(due, window.start + number - EDGE, start)
        yield slice(start, end)
        start = end
    yield slice(start, len(due))


def second_of(due: float, window: Window, length: int) -> int:
    """Return in which of a window's seconds a time within it lies."""
    # Rounded, since where a second begins must not hang on how floats are added.
    return min(int(round(due - window.start, 6)), length - 1)


def whole(seconds: Iterable[Tally]) -> Tally:
    """Return several seconds as one."""
    total = Tally()
    for one in seconds:
        total.due += one.due
        total.succeeded += one.succeeded
        total.good += one.good
    return total


class Counted(Protocol):
    """Requests of which some were good."""

    @property
    def due(self) -> float:
        """Return how many were sent, or to be sent."""
        ...

    @property
    def good(self) -> float:
        """Return how many succeeded within the SLO."""
        ...


def goodness(tally: Counted) -> float | None:
    """Return the share of requests that were good; None where none was due."""
    return tally.good / tally.due if tally.due else None


def quality(seconds: Iterable[Counted], normal: float) -> Iterator[float]:
    """Yield Q of each second: goodput as a share of the baseline's, from 0 to 1.

    A second in which nothing was due says nothing, and is taken as the one before.
    """
    q = 1.0
    for one in seconds:
        if (share := goodness(one)) is not None:
            q = min(1.0, share / normal) if normal > 0 else 0.0
        yield q


def steady_from(course: Iterable[float], hold: float) -> int | None:
    """Return the first second from which Q holds for `hold` seconds; None if never."""
    needed = max(1, round(hold))
    row = 0
    for index, q in enumerate(course):
        row = row + 1 if q >= ENOUGH else 0
        if row == needed:
            return index + 1 - needed
    return None
