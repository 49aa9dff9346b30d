"""What the score and its interval are worth, in runs whose truth is known."""

from __future__ import annotations

import math
from statistics import mean
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.score.stability import score
from tests.journal.story import INJECTED, VERIFIED, dice, run

if TYPE_CHECKING:
    import random

    from chaos_mcp.score.model import Score
    from tests.journal.story import Answer

RESAMPLES = 200
STEADY = 0.0005
"""Share of requests that fail while nothing is wrong."""


def noise(chance: random.Random, seconds: int = 40, memory: float = 0.5) -> list[float]:
    """Return a level for each second that resembles the one before (AR(1))."""
    levels, level = [], 0.0
    for _ in range(seconds):
        level = memory * level + math.sqrt(1 - memory**2) * chance.gauss(0, 1)
        levels.append(level)
    return levels


def system(
    chance: random.Random,
    failing: float,
    *,
    slower: float = 1.0,
    wobble: float = 0.5,
    memory: float = 0.5,
) -> Answer:
    """Return a system of which under harm about this share of requests fails."""
    levels = noise(chance, memory=memory)

    def answer(due: float) -> tuple[float, str]:
        harmed = INJECTED <= due < VERIFIED
        share = failing if harmed else STEADY
        odds = share / (1 - share) * math.exp(wobble * levels[int(due)])
        if chance.random() < odds / (1 + odds):
            return 2.0, "timeout"
        return chance.lognormvariate(-4.5, 0.4) * (slower if harmed else 1.0), "ok"

    return answer


def runs(number: int, failing: float, seed: int, **nature: float) -> list[Score]:
    chance = dice(seed)
    return [
        score(run(system(chance, failing, **nature)), RESAMPLES) for _ in range(number)
    ]


def values(scores: list[Score]) -> list[float]:
    found = [one.value for one in scores if one.value is not None]
    assert len(found) == len(scores)
    return found


def coverage(scores: list[Score]) -> float:
    """Return the share of intervals that hold the mean score of the same system."""
    truth = mean(values(scores))
    return mean((one.low or 0.0) <= truth <= (one.high or 0.0) for one in scores)


def test_where_a_fault_does_nothing_the_score_is_97_or_more_on_average() -> None:
    nothing = values(runs(60, STEADY, seed=11))

    assert mean(nothing) >= 97


@pytest.mark.parametrize(
    ("number", "failing", "nature"),
    [
        (500, 0.05, {"memory": 0.8}),
        (200, 0.3, {"slower": 1.5, "wobble": 1.0}),
    ],
)
def test_the_interval_holds_the_truth_in_93_of_100_runs_or_more(
    number: int, failing: float, nature: dict[str, float]
) -> None:
    """All cases, 500 runs of each: `python -m benchmarks.interval`."""
    assert coverage(runs(number, failing, seed=12, **nature)) >= 0.93


def test_a_fragile_system_is_clearly_apart_from_a_sturdy_one() -> None:
    sturdy = runs(20, 0.002, seed=13, slower=1.2)
    fragile = runs(20, 0.9, seed=14, slower=3.0)

    worst = min(one.low or 0.0 for one in sturdy)
    best = max(one.high or 0.0 for one in fragile)
    assert worst > best + 10


def test_the_more_fails_the_lower_the_score() -> None:
    shares = (0.001, 0.01, 0.1, 0.5, 0.95)

    means = [mean(values(runs(15, share, seed=15))) for share in shares]

    assert means == sorted(means, reverse=True)
    assert means[0] - means[-1] > 40
