"""How far a figure of one run would be off in another: a block bootstrap's error.

Neighbouring seconds resemble each other, so blocks of them are drawn together, round
the end of the window (Politis and Romano 1992). What is kept is the standard error,
and the degrees of freedom: as many as there are blocks, less one. With them two runs
can be compared years later, without their requests.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from functools import partial
from math import ceil, log, sqrt
from typing import TYPE_CHECKING

from chaos_mcp.history.cells import block
from chaos_mcp.history.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chaos_mcp.history.cells import Cell

DRAWS = 200
FEWEST_BLOCKS = 2.0
SHARE = 0.95
"""The quantile that response times are judged by: p95."""


def p95(cells: Sequence[Cell]) -> Estimate | None:
    """Return the latency that 95 % of requests kept to; its error is a ratio's."""
    ordered = sorted({latency for cell in cells for latency in cell.latencies})
    if not ordered or ordered[0] <= 0:
        return None
    quantile = partial(_quantile, cells, ordered)
    value = quantile(range(len(cells)))
    error = _error(cells, lambda drawn: log(quantile(drawn)))
    return Estimate(value, error, _blocks(cells) - 1)


def error_rate(cells: Sequence[Cell]) -> Estimate | None:
    """Return the share of requests that failed."""
    due = sum(cell.due for cell in cells)
    if not due:
        return None
    share = partial(_failed, cells)
    error = max(_error(cells, share), sqrt(0.5) / due)
    return Estimate(share(range(len(cells))), error, _blocks(cells) - 1)


def throughput(cells: Sequence[Cell], span: float) -> Estimate | None:
    """Return successful requests a second; its error is a ratio's."""
    failing = error_rate(cells)
    succeeded = sum(cell.succeeded for cell in cells)
    if failing is None or not succeeded:
        return None
    error = failing.error / (1 - failing.value)
    return Estimate(succeeded / span, error, failing.freedom)


def _quantile(
    cells: Sequence[Cell], ordered: Sequence[float], drawn: Sequence[int]
) -> float:
    """Return the quantile of the cells drawn, among all values that there are."""
    chosen = [cells[number] for number in drawn]
    needed = SHARE * sum(cell.due for cell in chosen) - 1e-9

    def within(latency: float) -> float:
        return sum(cell.within(latency) for cell in chosen)

    place = bisect_left(ordered, needed, key=within)
    return ordered[min(place, len(ordered) - 1)]


def _failed(cells: Sequence[Cell], drawn: Sequence[int]) -> float:
    due = sum(cells[number].due for number in drawn)
    fine = sum(cells[number].succeeded for number in drawn)
    return 1 - fine / due if due else 0.0


def _blocks(cells: Sequence[Cell]) -> float:
    return max(FEWEST_BLOCKS, len(cells) / block(len(cells)))


def _error(cells: Sequence[Cell], figure: Callable[[Sequence[int]], float]) -> float:
    """Return the standard error of a figure, by drawing blocks of cells anew."""
    number, size = len(cells), block(len(cells))
    blocks = _blocks(cells)
    chance = random.Random(number)  # noqa: S311 - the same run gives the same error
    values = []
    for _ in range(DRAWS):
        starts = [chance.randrange(number) for _ in range(ceil(number / size))]
        drawn = [(start + step) % number for start in starts for step in range(size)]
        values.append(figure(drawn[:number]))
    mean = sum(values) / DRAWS
    variance = sum((value - mean) ** 2 for value in values) / (DRAWS - 1)
    return sqrt(variance * blocks / (blocks - 1))
