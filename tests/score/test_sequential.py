"""Aborting on a failure rate: rarely in vain, and soon when it matters."""

from __future__ import annotations

from math import comb, exp, isfinite
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.score.sequential import FailureRate, InARow
from tests.journal.story import dice

if TYPE_CHECKING:
    import random

PER_SECOND = 20


def alarm_after(rate: float, seconds: int, chance: random.Random) -> float | None:
    """Return when a 1 % test of "at most 5 % fail" stops traffic with this rate."""
    test = FailureRate(0.05, alpha=0.01)
    for request in range(seconds * PER_SECOND):
        if test.observe(failed=chance.random() < rate):
            return (request + 1) / PER_SECOND
    return None


def test_a_run_at_the_very_limit_is_hardly_ever_stopped() -> None:
    chance = dice(1)

    alarms = [alarm_after(0.05, 120, chance) for _ in range(400)]

    assert sum(alarm is not None for alarm in alarms) <= 4


def test_four_times_the_limit_stops_a_run_within_seconds() -> None:
    chance = dice(2)

    alarms = [alarm_after(0.2, 60, chance) for _ in range(200)]

    times = sorted(alarm for alarm in alarms if alarm is not None)
    assert len(times) == 200
    assert times[100] < 4.5


def test_a_dead_target_stops_a_run_within_a_second() -> None:
    test = FailureRate(0.05, alpha=0.01)

    seen = [test.observe(failed=True) for _ in range(PER_SECOND)]

    assert seen.index(True) < PER_SECOND / 4


def test_an_alarm_stays_on() -> None:
    test = FailureRate(0.05)
    for _ in range(20):
        test.observe(failed=True)

    after = [test.observe(failed=False) for _ in range(1000)]

    assert all(after)


def test_the_bets_are_worth_one_in_expectation_at_the_limit() -> None:
    limit, requests = 0.2, 30
    worth = 0.0

    for failures in range(requests + 1):
        test = FailureRate(limit)
        test.requests, test.failures = requests, failures
        chance = limit**failures * (1 - limit) ** (requests - failures)
        worth += comb(requests, failures) * chance * exp(test.evidence)

    assert worth == pytest.approx(1.0)


def test_where_no_failure_is_allowed_the_first_one_stops() -> None:
    test = FailureRate(0.0)

    seen = [test.observe(failed=False), test.observe(failed=True)]

    assert seen == [False, True]


def test_where_every_failure_is_allowed_none_stops() -> None:
    test = FailureRate(1.0)

    assert not any(test.observe(failed=True) for _ in range(1000))


@given(
    limit=st.floats(1e-6, 1 - 1e-6),
    requests=st.lists(st.booleans(), max_size=300),
)
def test_the_evidence_is_always_a_number(limit: float, requests: list[bool]) -> None:
    test = FailureRate(limit)

    for failed in requests:
        test.observe(failed=failed)

    assert isfinite(test.evidence)


def test_a_million_requests_do_not_overflow() -> None:
    test = FailureRate(0.01)
    test.requests, test.failures = 10_000_000, 5_000_000

    assert test.observe(failed=True)
    assert isfinite(test.evidence)


@given(
    requests=st.lists(st.booleans(), max_size=60),
    index=st.integers(0, 59),
)
def test_one_more_failure_never_lowers_the_evidence(
    requests: list[bool], index: int
) -> None:
    worse = [failed or at == index for at, failed in enumerate(requests)]

    def evidence(answers: list[bool]) -> float:
        test = FailureRate(0.1, alpha=1e-300)
        for failed in answers:
            test.observe(failed=failed)
        return test.evidence

    assert evidence(worse) >= evidence(requests) - 1e-9


def test_so_many_failures_in_a_row_stop_a_run() -> None:
    test = InARow(3)

    seen = [test.observe(failed=failed == "x") for failed in "xx.xxxx"]

    assert seen == [False, False, False, False, False, True, True]
