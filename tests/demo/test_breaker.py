"""The laws of the circuit breaker, in time that is handed in."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.demo.breaker import Breaker, BreakerOpen


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, rest=1.0, now=clock)


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(OSError, match="gone"), breaker.attempt():
            raise OSError("gone")


def state(breaker: Breaker) -> str:
    return breaker.state


def succeed(breaker: Breaker) -> None:
    with breaker.attempt():
        pass


def test_it_stays_closed_below_its_limit(breaker: Breaker) -> None:
    fail(breaker, times=2)

    assert state(breaker) == "closed"
    assert breaker.opened == 0


def test_a_success_in_between_starts_the_count_again(breaker: Breaker) -> None:
    fail(breaker, times=2)
    succeed(breaker)
    fail(breaker, times=2)

    assert state(breaker) == "closed"


def test_failures_in_a_row_open_it_and_calls_are_then_refused(breaker: Breaker) -> None:
    fail(breaker, times=3)

    assert state(breaker) == "open"
    assert breaker.opened == 1
    with pytest.raises(BreakerOpen):
        breaker.attempt()


def test_after_its_rest_one_call_at_a_time_may_try(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, times=3)
    clock.now += 1.0

    assert state(breaker) == "half-open"
    with breaker.attempt(), pytest.raises(BreakerOpen):
        breaker.attempt()


def test_a_trial_that_succeeds_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, times=3)
    clock.now += 1.0

    succeed(breaker)

    assert state(breaker) == "closed"
    fail(breaker, times=2)
    assert state(breaker) == "closed"


def test_a_trial_that_fails_opens_it_for_another_rest(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, times=3)
    clock.now += 1.0

    fail(breaker)

    assert state(breaker) == "open"
    clock.now += 0.9
    assert state(breaker) == "open"
    clock.now += 0.1
    assert state(breaker) == "half-open"


def test_a_cancelled_trial_leaves_room_for_the_next(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, times=3)
    clock.now += 1.0

    with pytest.raises(asyncio.CancelledError), breaker.attempt():
        raise asyncio.CancelledError

    assert state(breaker) == "half-open"
    succeed(breaker)
    assert state(breaker) == "closed"


@pytest.mark.parametrize("succeeded", [True, False])
def test_a_call_from_before_the_outage_says_nothing_about_the_time_after(
    breaker: Breaker, clock: Clock, *, succeeded: bool
) -> None:
    late = breaker.attempt()
    fail(breaker, times=3)
    clock.now += 1.0
    trial = breaker.attempt()

    late.__exit__(*((None, None, None) if succeeded else (OSError, OSError(), None)))

    assert state(breaker) == "half-open"
    trial.__exit__(None, None, None)
    assert state(breaker) == "closed"


def test_a_reset_closes_it_and_forgets(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, times=3)
    clock.now += 1.0
    breaker.attempt()

    breaker.reset()

    assert (state(breaker), breaker.opened) == ("closed", 0)
    succeed(breaker)


steps = st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=60)


@given(steps)
def test_it_never_lets_a_call_through_within_its_rest_and_always_after(
    steps: list[tuple[float, bool]],
) -> None:
    clock = Clock()
    breaker = Breaker(failures=2, rest=1.0, now=clock)
    in_a_row, opened_at = 0, None

    for wait, works in steps:
        clock.now += wait
        if opened_at is not None and clock.now - opened_at < 1.0:
            with pytest.raises(BreakerOpen):
                breaker.attempt()
        elif works:
            succeed(breaker)
            in_a_row, opened_at = 0, None
        else:
            fail(breaker)
            in_a_row += 1
            if opened_at is not None or in_a_row >= 2:
                opened_at = clock.now

        assert (breaker.state == "closed") == (opened_at is None)
