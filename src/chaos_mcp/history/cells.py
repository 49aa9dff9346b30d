"""A run's requests in short cells of time: what is drawn again to see the noise."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.journal.model import Window
    from chaos_mcp.journal.traffic import Flow

MOST = 120
"""Cells that a window is divided into; of a longer one, each is longer than 1 s."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The requests that were due in one cell of time."""

    due: int
    succeeded: int
    latencies: tuple[float, ...]
    """In seconds, ordered; failures at their deadline."""

    def within(self, latency: float) -> int:
        """Return how many requests took no longer than this."""
        return bisect_right(self.latencies, latency)


def cells(flows: Sequence[Flow], window: Window) -> list[Cell]:
    """Return a window's requests, all workloads together, cell by cell.

    What went unheard counts as failed, with its workload's deadline.
    """
    span = window.end - window.start
    number = min(MOST, max(1, round(span)))
    found: list[list[tuple[float, bool]]] = [[] for _ in range(number)]
    for flow in flows:
        within = flow.between(window)
        columns = flow.due[within], flow.latency[within], flow.succeeded[within]
        for due, latency, fine in zip(*columns, strict=True):
            found[_place(due, window, number)].append((latency, fine))
        for due in flow.unheard(window):
            found[_place(due, window, number)].append((flow.promise.deadline, False))
    return [_cell(one) for one in found]


def _place(due: float, window: Window, number: int) -> int:
    share = (due - window.start) / (window.end - window.start)
    return min(number - 1, max(0, int(share * number)))


def _cell(requests: list[tuple[float, bool]]) -> Cell:
    fine = sum(good for _, good in requests)
    return Cell(len(requests), fine, tuple(sorted(latency for latency, _ in requests)))


def block(number: int) -> int:
    """Return how many neighbouring cells are drawn together: the square root of all.

    That is longer than is best for the error alone, since a block that is too short
    takes noise that lasts for seconds for none, and gives false alarms.
    """
    return max(1, ceil(sqrt(number)))
