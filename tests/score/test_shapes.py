"""Kinds of damage rank as an engineer would rank them."""

from __future__ import annotations

from statistics import mean
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.score.stability import score
from tests.journal.story import INJECTED, VERIFIED, dice, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journal.story import Answer

    Shape = Callable[[float], tuple[float, float]]
    """What a request that is due then meets: odds of failing, and slowness."""

STEADY = 0.0005


def under_harm(failing: float = STEADY, slower: float = 1.0) -> Shape:
    """Return damage that is there exactly while the fault stands."""

    def shape(due: float) -> tuple[float, float]:
        return (failing, slower) if INJECTED <= due < VERIFIED else (STEADY, 1.0)

    return shape


def failing(start: float, end: float, share: float = 1.0) -> Shape:
    return lambda due: (share if start <= due < end else STEADY, 1.0)


def leaking(due: float) -> tuple[float, float]:
    grown = (due - INJECTED) / (VERIFIED - INJECTED)
    return STEADY, 1 + 3 * grown if INJECTED <= due < VERIFIED else 1.0


def flapping(due: float) -> tuple[float, float]:
    down = INJECTED <= due < VERIFIED and int(due) % 2 == 0
    return (1.0 if down else STEADY), 1.0


def worse_afterwards(due: float) -> tuple[float, float]:
    return (0.2, 1.0) if due >= VERIFIED else under_harm(0.3)(due)


NEVER = 1e9
SHAPES: dict[str, Shape] = {
    "nothing": under_harm(),
    "latency doubled": under_harm(slower=2.0),
    "slow leak": leaking,
    "brown-out of 5 %": under_harm(0.05),
    "outage of 2 s": failing(INJECTED + 2, INJECTED + 4),
    "brown-out of 30 %": under_harm(0.3),
    "flapping": flapping,
    "total outage": under_harm(1.0),
    "total outage, back after 4 s": failing(INJECTED, VERIFIED + 4),
    "30 %, then 20 % for good": worse_afterwards,
    "30 % for good": failing(INJECTED, NEVER, 0.3),
    "total outage for good": failing(INJECTED, NEVER),
}
RANKED = [
    "nothing",
    "latency doubled",
    "slow leak",
    "brown-out of 5 %",
    "outage of 2 s",
    "brown-out of 30 %",
    "flapping",
    "total outage",
    "total outage, back after 4 s",
    "total outage for good",
]
BETTER = [
    ("brown-out of 30 %", "30 %, then 20 % for good"),
    ("30 %, then 20 % for good", "30 % for good"),
    ("30 % for good", "total outage for good"),
    ("flapping", "30 %, then 20 % for good"),
]


def answers(shape: Shape, seed: int) -> Answer:
    chance = dice(seed)

    def answer(due: float) -> tuple[float, str]:
        odds, slower = shape(due)
        if chance.random() < odds:
            return 2.0, "timeout"
        return chance.lognormvariate(-4.5, 0.4) * slower, "ok"

    return answer


@pytest.fixture(scope="module")
def means() -> dict[str, float]:
    return {
        name: mean(
            score(run(answers(shape, seed)), 10).value or 0 for seed in range(20)
        )
        for name, shape in SHAPES.items()
    }


def test_the_more_is_lost_the_lower_the_score(means: dict[str, float]) -> None:
    ranked = [means[name] for name in RANKED]

    assert ranked == sorted(ranked, reverse=True)
    assert len(set(ranked)) == len(ranked)


@pytest.mark.parametrize(("better", "worse"), BETTER)
def test_what_comes_back_beats_what_does_not(
    means: dict[str, float], better: str, worse: str
) -> None:
    assert means[better] > means[worse]
