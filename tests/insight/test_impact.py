"""What a fault did to traffic: before it, under it and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chaos_mcp.insight.impact import fault_impacts
from tests.journal.story import (
    INJECTED,
    RATE,
    VERIFIED,
    Story,
    dead_between,
    fine,
    run,
    sampled,
)

if TYPE_CHECKING:
    from chaos_mcp.insight.model import FaultImpact

UNDONE = 19.9


def only(answer: object = fine, **more: object) -> FaultImpact:
    (impact,) = fault_impacts(run(answer, **more))  # type: ignore[arg-type]
    return impact


def slow(due: float) -> tuple[float, str]:
    return (0.2, "ok") if INJECTED <= due < UNDONE else (0.01, "ok")


def test_a_fault_that_nobody_notices_changes_no_figure() -> None:
    impact = only()

    assert impact.before.goodput == pytest.approx(RATE)
    assert impact.during.goodput == pytest.approx(RATE, rel=0.02)
    assert (impact.before.error_rate, impact.during.error_rate) == (0, 0)
    assert impact.time_to_effect is None
    assert impact.time_to_recover == 0
    assert impact.worst == 1


def test_an_outage_shows_in_error_rate_goodput_and_kinds() -> None:
    impact = only(dead_between(INJECTED, UNDONE))

    assert impact.during.error_rate == pytest.approx(1, abs=0.01)
    assert list(impact.during.errors) == ["status 503"]
    assert impact.during.p99 is None, "nothing succeeded, so nothing was quick"
    assert impact.after is not None
    assert impact.after.error_rate == 0
    assert impact.worst == 0


def test_the_time_to_effect_is_to_the_first_bad_request() -> None:
    assert only(dead_between(13.5, UNDONE)).time_to_effect == pytest.approx(3.5)


def test_slow_answers_within_the_objective_are_an_effect_too() -> None:
    impact = only(slow)

    assert impact.time_to_effect == 0
    assert impact.during.p50 == pytest.approx(0.2)
    assert impact.before.p50 == pytest.approx(0.01)
    assert impact.during.error_rate == 0


def test_the_time_to_recover_is_from_the_undo() -> None:
    assert only(dead_between(INJECTED, UNDONE + 4)).time_to_recover == 4


def test_what_never_comes_back_has_no_time_to_recover() -> None:
    assert only(dead_between(INJECTED, 99)).time_to_recover is None


def test_the_time_to_detect_is_to_the_first_deviation_after_the_injection() -> None:
    def sees(story: Story) -> None:
        story.probe("deviated", "during")

    impact = only(dead_between(INJECTED, UNDONE), extra=sees)

    assert impact.time_to_detect == pytest.approx(VERIFIED - INJECTED)


def test_unheard_requests_are_errors() -> None:
    events = run()
    gap = [
        one.model_copy(update={"sent": [], "latency": [], "result": []})
        if one.kind == "workload.sampled" and min(one.sent) in range(12, 15)
        else one
        for one in events
    ]

    (impact,) = fault_impacts(gap)

    assert impact.during.errors["unheard"] > 2 * RATE
    assert impact.during.error_rate > 0.25


def test_of_two_faults_each_has_its_own_window_and_knows_the_other() -> None:
    second = "2-network.latency"

    events = run()
    at = next(i for i, one in enumerate(events) if one.kind == "fault.undoing")
    story = Story(at=15.0, events=events[:at])
    story.inject(15.0, second).prove(15.1, second).undo(18.0, second)
    story.verify(18.1, second).tell(*events[at:], at=19.9)
    for number, event in enumerate(sampled(fine)):
        story.tell(event, at=20 + number)

    first, other = fault_impacts(story.events)

    assert (other.window.start, other.window.end) == (15.0, 18.0)
    assert first.beside == other.beside == ("cut the cache off",)


def test_without_a_baseline_there_is_no_impact() -> None:
    assert fault_impacts([]) == ()
    assert fault_impacts(Story().begin().inject(1.0).events) == ()


def test_failures_do_not_make_the_system_look_quick() -> None:
    def half(due: float) -> tuple[float, str]:
        if INJECTED <= due < UNDONE and round(due * RATE) % 2:
            return 0.001, "status 503"
        return 0.01, "ok"

    impact = only(half)

    assert impact.during.p50 == pytest.approx(0.01)
    assert impact.during.error_rate == pytest.approx(0.5, abs=0.02)
