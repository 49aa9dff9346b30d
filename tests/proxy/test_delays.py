"""The laws of delays: what they are by their formulas, and what is drawn by them."""

from itertools import pairwise
from math import exp, sqrt
from random import Random
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.proxy.toxics.delays import LAWS, deviate, following
from tests.proxy.stages import data, gives, stage

DRAWS = st.floats(0, 1)
MEANS = st.just(0) | st.floats(1, 1e12)
SPREADS = st.floats(0, 1e12)
MANY = 20_000


def drawn(law: str, mean: float, spread: float, seed: int = 1) -> list[float]:
    chance = Random(seed)  # noqa: S311 - repeatable
    return [LAWS[law](chance.random(), mean, spread) for _ in range(MANY)]


@pytest.mark.parametrize("law", ["normal", "lognormal", "pareto"])
def test_the_spread_is_the_standard_deviation(law: str) -> None:
    delays = drawn(law, 100, 20)

    # Four standard errors of a mean of 20,000 draws; the seed is fixed.
    assert fmean(delays) == pytest.approx(100, abs=4 * 20 / sqrt(MANY))
    assert pstdev(delays) == pytest.approx(20, rel=0.1)


def test_a_uniform_delay_is_between_its_ends() -> None:
    delays = drawn("uniform", 100, 20)

    assert 80 <= min(delays) < 80.1
    assert 119.9 < max(delays) <= 120
    assert fmean(delays) == pytest.approx(100, abs=4 * 20 / sqrt(3 * MANY))


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        ("uniform", [80, 90, 100, 110, 120]),
        ("normal", [-64.1907, 86.5102, 100, 113.4898, 264.1907]),
        # The median is the mean by the root of 1 + (spread / mean)^2.
        ("lognormal", [19.2927, 85.8045, 98.0581, 112.0615, 498.3957]),
        # The shape is 1 and the root of 26.
        ("pareto", [83.6039, 87.6419, 93.6664, 104.9400, 34526.59]),
    ],
)
def test_quantiles_are_those_of_the_formulas(law: str, expected: list[float]) -> None:
    found = [LAWS[law](draw, 100, 20) for draw in (0, 0.25, 0.5, 0.75, 1)]

    assert found == pytest.approx(expected, rel=1e-4)


@given(st.sampled_from(sorted(LAWS)), DRAWS, DRAWS, MEANS, SPREADS)
def test_a_greater_draw_is_no_shorter_delay(
    law: str, one: float, two: float, mean: float, spread: float
) -> None:
    less, more = sorted((one, two))

    short, long = (LAWS[law](one, mean, spread) for one in (less, more))
    assert short <= long + abs(long) * 1e-9


@given(st.sampled_from(["lognormal", "pareto"]), DRAWS, MEANS, SPREADS)
def test_what_has_a_tail_is_never_negative(
    law: str, draw: float, mean: float, spread: float
) -> None:
    assert LAWS[law](draw, mean, spread) >= 0


@given(st.sampled_from(sorted(LAWS)), DRAWS, st.floats(1, 1e9))
def test_without_a_spread_all_delays_are_the_same(
    law: str, draw: float, mean: float
) -> None:
    assert LAWS[law](draw, mean, 0) == pytest.approx(mean)


def test_correlated_draws_are_alike_and_uniform() -> None:
    chance, draws = Random(5), [0.5]  # noqa: S311 - repeatable
    for _ in range(MANY):
        draws.append(following(chance.random(), draws[-1], 0.8))

    bells = [deviate(one) for one in draws]
    alike = fmean(one * two for one, two in pairwise(bells))
    below = [
        sum(one < share for one in draws) / len(draws) for share in (0.1, 0.5, 0.9)
    ]
    assert alike == pytest.approx(0.8, abs=0.05)
    # (1 + 0.8) / (1 - 0.8) times fewer independent draws.
    assert below == pytest.approx([0.1, 0.5, 0.9], abs=4 * 0.5 / sqrt(MANY / 9))


@given(DRAWS, DRAWS, st.floats(0, 0.999))
def test_a_correlated_draw_is_a_draw(one: float, last: float, alike: float) -> None:
    assert 0 <= following(one, last, alike) <= 1
    assert following(one, None, alike) == one
    assert following(one, last, 0) == one


@given(
    st.sampled_from(sorted(LAWS)),
    st.floats(0, 0.99),
    st.lists(st.floats(0, 10), max_size=20),
)
def test_whatever_the_law_chunks_keep_their_order(
    law: str, alike: float, gaps: list[float]
) -> None:
    one = stage("latency", latency=50, jitter=30, distribution=law, correlation=alike)
    at, sent = 0.0, []
    for size, gap in enumerate(gaps, 1):
        at += gap
        sent.append((at, size))
        one.take(at, data(size))

    came = [(due, len(chunk)) for due, chunk in gives(one)]

    assert [size for _, size in came] == [size for _, size in sent]
    assert all(due >= at for (due, _), (at, _) in zip(came, sent, strict=True))
    assert [due for due, _ in came] == sorted(due for due, _ in came)


def test_a_seed_draws_the_same_delays_again() -> None:
    """The delays of the first chunks, to the microsecond: the seed is `seed`."""
    one = stage("latency", latency=100, jitter=20, distribution="lognormal")
    for number in range(4):
        one.take(float(number), data(1))

    delays = [due - number for number, (due, _) in enumerate(gives(one))]

    assert delays == pytest.approx([0.10315, 0.088854, 0.131857, 0.080195], abs=1e-6)


def test_the_median_of_a_long_tail_is_below_its_mean() -> None:
    """For normal jitter the same draw would be at the mean."""
    assert LAWS["lognormal"](0.5, 100, 100) == pytest.approx(100 / sqrt(2))
    assert LAWS["lognormal"](0.5, 100, 0.001) == pytest.approx(100)
    assert exp(0) == LAWS["normal"](0.5, 1, 5)
