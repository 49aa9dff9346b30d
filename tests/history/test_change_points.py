"""A change is found where it is, and not where there is none."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.errors import ChaosError
from chaos_mcp.history.change_points import best_cut, change_points
from chaos_mcp.history.trend import trend
from tests.history.past import entry, figures
from tests.journal.story import dice

series = st.lists(st.floats(-1e3, 1e3), max_size=30)


def steps(*levels: tuple[int, float], seed: int = 1, noise: float = 1.0) -> list[float]:
    chance = dice(seed)
    return [
        chance.gauss(level, noise) for number, level in levels for _ in range(number)
    ]


def test_a_step_is_found_where_it_is() -> None:
    (found,) = change_points(steps((30, 90.0), (20, 80.0)))

    assert found.index == 30
    assert found.before == pytest.approx(90, abs=1)
    assert found.after == pytest.approx(80, abs=1)
    assert found.chance == 1 / 200


def test_several_steps_are_found_in_order() -> None:
    found = change_points(steps((20, 90.0), (15, 70.0), (20, 95.0)))

    assert [one.index for one in found] == [20, 35]
    assert [one.after for one in found] == pytest.approx([70, 95], abs=1)


def test_a_change_of_spread_is_a_change() -> None:
    values = steps((40, 0.0), noise=0.1) + steps((40, 0.0), noise=5.0, seed=2)

    assert [abs(one.index - 40) <= 3 for one in change_points(values)] == [True]


def test_where_nothing_changed_hardly_ever_anything_is_found() -> None:
    found = sum(bool(change_points(steps((20, 0.0), seed=n), n)) for n in range(100))

    assert found <= 11  # 5 are expected; more than 11 come once in 200 times


@pytest.mark.parametrize("values", [[], [1.0], [1.0] * 9, [5.0] * 50])
def test_few_values_or_always_the_same_have_no_change(values: list[float]) -> None:
    assert change_points(values) == []


@given(series, st.integers(0, 5))
def test_the_same_seed_gives_the_same(values: list[float], seed: int) -> None:
    assert change_points(values, seed) == change_points(values, seed)


@given(st.lists(st.integers(-9, 9).map(float), min_size=4, max_size=14))
def test_the_distance_that_is_kept_up_to_date_is_the_one_of_the_definition(
    values: list[float],
) -> None:
    def energy(cut: int) -> float:
        left, right = values[:cut], values[cut:]
        m, n = len(left), len(right)

        def mean_between(some: list[float], others: list[float]) -> float:
            return sum(abs(x - y) for x, y in product(some, others)) / m / n

        def mean_within(some: list[float]) -> float:
            pairs = len(some) * (len(some) - 1) / 2
            return sum(abs(x - y) for x, y in product(some, some)) / 2 / pairs

        inner = mean_within(left) + mean_within(right)
        return m * n / (m + n) * (2 * mean_between(left, right) - inner)

    best = max((energy(cut) for cut in range(2, len(values) - 1)), default=0.0)

    assert best_cut(values, least=2)[1] == pytest.approx(max(0.0, best), abs=1e-6)


def test_a_trend_is_of_one_experiment_and_one_profile() -> None:
    runs = [entry(f"r{n}", day=n) for n in range(4)]
    other = entry("r0", profile="q" * 16)
    unscored = entry("r9", known={})

    found = trend([other, unscored, *runs], "score")

    assert (len(found.values), found.left_out) == (4, 2)
    assert len(trend([other, *runs], "score", across_profiles=True).values) == 5
    with pytest.raises(ChaosError, match="several experiments"):
        trend([*runs, entry(title="Another")], "score")
    with pytest.raises(ChaosError, match="'p99' is no metric"):
        trend(runs, "p99")
    with pytest.raises(ChaosError, match="no run of that experiment"):
        trend([], "score")


def test_a_trend_says_when_a_metric_changed() -> None:
    chance = dice(3)
    values = [0.1 + chance.gauss(0, 0.002) + 0.05 * (n >= 12) for n in range(24)]
    runs = [
        entry(f"r{n}", day=n, known=figures(response_time=value))
        for n, value in enumerate(values)
    ]

    found = trend(runs, "response-time")

    assert [found.entries[one.index].run for one in found.changes] == ["r12"]
