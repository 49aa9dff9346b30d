import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.score.bootstrap import block, interval, widening
from chaos_mcp.score.parts import Terms, over
from chaos_mcp.score.samples import quantile, utility
from chaos_mcp.score.weights import WEIGHTS


def test_all_parts_together_give_100() -> None:
    assert sum(WEIGHTS.values()) == 100


@given(st.booleans(), st.none() | st.floats(0, 1))
def test_what_is_not_counted_leaves_its_weight_to_the_others(
    waited: bool,  # noqa: FBT001 - drawn, not written
    detection: float | None,
) -> None:
    terms = Terms(10.0, 5.0, 1.0, waited=waited, detection=detection)

    weights = terms.weights

    assert sum(weights.values()) == pytest.approx(100)
    assert (weights["detection"] > 0) == (detection is not None)
    assert (weights["recovery"] > 0) == waited
    assert weights["availability"] == pytest.approx(2 * weights["latency"])


def test_a_share_of_nothing_is_nothing() -> None:
    assert over(0, 0, 9, 10) == 0.0
    assert over(9, 10, 0, 10) == 0.0
    assert over(9, 10, 6, 10) == 1.0
    assert over(3, 10, 6, 10) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("latency", "worth"), [(0.0, 1.0), (0.1, 1.0), (0.1 * 10**0.5, 0.5), (1.0, 0.0)]
)
def test_an_answer_is_worth_less_the_longer_it_takes(
    latency: float, worth: float
) -> None:
    assert utility(latency, 0.1) == pytest.approx(worth)


def test_without_anything_to_compare_with_no_answer_is_worth_anything() -> None:
    assert utility(0.1, None) == 0.0


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 10))
def test_a_slower_answer_is_never_worth_more(
    one: float, other: float, reference: float
) -> None:
    fast, slow = sorted((one, other))

    assert 0 <= utility(slow, reference) <= utility(fast, reference) <= 1


def test_a_quantile_is_a_value_that_was_seen() -> None:
    ordered = [float(number) for number in range(1, 101)]

    found = [quantile(ordered, share) for share in (0.0, 0.5, 0.95, 0.99, 1.0)]

    assert found == [1, 50, 95, 99, 100]
    assert quantile([], 0.5) is None


@given(st.integers(1, 5000))
def test_draws_are_moved_apart_the_less_the_more_blocks_there_are(length: int) -> None:
    assert 1 <= block(length) <= length
    assert 1 < widening(length * 8) <= widening(length) < 3


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 100))
def test_an_interval_holds_its_value(values: list[float], value: float) -> None:
    low, high = interval(values, value)

    assert low <= value <= high


def test_an_interval_leaves_out_the_tails() -> None:
    assert interval([float(number) for number in range(1001)], 500.0) == (25.0, 975.0)
