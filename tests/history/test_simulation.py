"""What a baseline's judgement is worth, in pairs of runs whose truth is known."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.history import resample
from chaos_mcp.history.cells import Cell
from chaos_mcp.history.compare import difference, judge
from chaos_mcp.history.metrics import METRICS, tolerances
from tests.journal.story import DEADLINE, RATE, dice
from tests.score.test_simulation import noise

if TYPE_CHECKING:
    import random

    from chaos_mcp.history.compare import Difference

SECONDS = 60
USUALLY = 0.002
"""The share of requests that fails in a system that is well."""


@dataclass(frozen=True)
class System:
    """What a run is made on: how much slower than usual, and how much of it fails."""

    slower: float = 1.0
    failing: float = USUALLY
    seconds: int = SECONDS


def cells(chance: random.Random, system: System) -> list[Cell]:
    """Return the requests of a system whose speed and failures drift by the second."""
    found = []
    for level in noise(chance, system.seconds):
        failing = system.failing * math.exp(0.3 * level)
        fine = [chance.random() >= failing for _ in range(round(RATE))]
        times = [
            chance.lognormvariate(-4.5 + 0.1 * level, 0.4) * system.slower
            if good
            else DEADLINE
            for good in fine
        ]
        found.append(Cell(len(fine), sum(fine), tuple(sorted(times))))
    return found


def pair(chance: random.Random, system: System) -> list[Difference]:
    usual = System(seconds=system.seconds)
    runs = [cells(chance, usual), cells(chance, system)]
    return [
        difference(METRICS[name], *map(figure, runs))
        for name, figure in {
            "response-time": resample.p95,
            "throughput": lambda run: resample.throughput(run, system.seconds),
            "error-rate": resample.error_rate,
        }.items()
    ]


def verdicts(pairs: int, system: System, seed: int) -> Counter[str]:
    """Count what came of pairs of a usual run and one of a system."""
    chance = dice(seed)
    counted: Counter[str] = Counter()
    for _ in range(pairs):
        found = {one.verdict for one in judge(pair(chance, system), tolerances({}))}
        worst = next(v for v in ("deviated", "unknown", "held") if v in found)
        counted[worst] += 1
    return counted


def test_the_same_system_twice_fails_in_5_of_100_pairs_at_most() -> None:
    assert verdicts(30, System(), seed=21)["deviated"] <= 3


def test_a_system_that_got_20_percent_slower_is_found() -> None:
    assert verdicts(20, System(slower=1.2), seed=22)["deviated"] >= 17
