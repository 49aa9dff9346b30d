"""Each rule says what it sees, where there is something to see, and shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.events import FaultUndoFailed, RunTakenOver
from chaos_mcp.insight.read import insights
from chaos_mcp.score.stability import score
from tests.journal.story import (
    FAULT,
    INJECTED,
    NAME,
    Story,
    dead_between,
    fine,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.insight.model import Insight
    from tests.journal.story import Answer

UNDONE = 19.9


def found(events: Sequence[Event]) -> dict[str, Insight]:
    return {one.rule: one for one in insights(events, score(events, 20))}


def under_harm(latency: float, result: str = "ok") -> Answer:
    return lambda due: (latency, result) if INJECTED <= due < UNDONE else (0.01, "ok")


def flapping(due: float) -> tuple[float, str]:
    down = INJECTED <= due < UNDONE and int(due) % 2
    return (0.003, "status 503") if down else (0.01, "ok")


def worse(due: float) -> tuple[float, str]:
    return (0.003, "status 503") if due > INJECTED and due % 1 < 0.5 else (0.01, "ok")


def with_latency(events: Sequence[Event], latency: float) -> list[Event]:
    """Return the run as one in which the fault added a delay to each call."""
    spec = {"fault": "network.latency", "proxy": "cache", "latency": latency}
    return [
        one.model_copy(update={"spec": spec}) if one.kind == "fault.armed" else one
        for one in events
    ]


def test_where_customers_were_served_throughout_that_is_said_and_nothing_bad() -> None:
    seen = found(run(fine))

    assert list(seen) == ["served-throughout"]
    assert seen["served-throughout"].sentence == (
        "checkout kept 100 % of its goodput for the 9.9 s in which cut the cache off "
        "stood, and cut the cache off was proven to bite"
    )


def test_an_unproven_fault_is_no_merit_of_the_system() -> None:
    assert "served-throughout" not in found(run(fine, prove=False))


def test_requests_that_ran_into_the_deadline_show_that_there_is_no_timeout() -> None:
    insight = found(run(under_harm(2.0, "timeout")))["no-timeout"]

    assert insight.sentence == (
        "100 % of checkout requests had no answer within their deadline of 2 s while "
        "cut the cache off stood: no timeout shorter than 2 s is in force on the way"
    )
    assert "timeout well under 2 s" in insight.advice


def test_requests_that_fail_at_once_show_that_nothing_serves_instead() -> None:
    seen = found(run(dead_between(INJECTED, UNDONE)))

    assert seen["failed-fast"].sentence == (
        "100 % of checkout requests failed with status 503 while cut the cache off "
        "stood, after 2 ms at the median: the trouble is noticed at once, and nothing "
        "serves instead"
    )
    assert "no-timeout" not in seen


def test_failures_that_come_late_are_not_quick() -> None:
    assert "failed-fast" not in found(run(under_harm(1.5, "status 504")))


def test_later_answers_are_told_with_the_factor_and_both_figures() -> None:
    insight = found(run(under_harm(0.12)))["slower"]

    assert insight.sentence == (
        "p99 of checkout rose 12 x at once while cut the cache off stood: "
        "10 ms to 120 ms"
    )


def test_a_delay_that_is_paid_twice_is_told_so() -> None:
    insight = found(with_latency(run(under_harm(0.21)), 0.1))["slower"]

    assert insight.sentence.endswith(
        "; the median request paid the fault's 100 ms 2 times"
    )


def test_a_delay_that_is_paid_once_is_not() -> None:
    insight = found(with_latency(run(under_harm(0.11)), 0.1))["slower"]

    assert "paid" not in insight.sentence


def test_up_and_down_under_a_steady_fault_is_flapping() -> None:
    insight = found(run(flapping))["flapping"]

    assert insight.sentence == (
        "checkout went up and down 9 times while cut the cache off stood all the time"
    )


def test_one_outage_is_not_flapping() -> None:
    assert "flapping" not in found(run(dead_between(12, 15)))


def test_harm_that_outlives_its_fault_is_told_with_the_kinds_of_failure() -> None:
    insight = found(run(dead_between(INJECTED, UNDONE + 4)))["lingering"]

    assert insight.sentence.startswith(
        "checkout needed 4 s after cut the cache off was taken back until its goodput "
        "was normal ("
    )
    assert "status 503" in insight.sentence


def test_what_never_comes_back_is_told_with_the_level_it_stayed_at() -> None:
    seen = found(run(worse))

    assert seen["never-back"].sentence == (
        "checkout was not back to normal at the end of the run: goodput 50.4 % of the "
        "baseline's since cut the cache off was taken back"
    )
    assert "lingering" not in seen


def test_harm_that_no_probe_saw_is_told() -> None:
    insight = found(run(dead_between(INJECTED, UNDONE)))["undetected"]

    assert "fell to 0 % of normal" in insight.sentence


def test_harm_that_a_probe_saw_late_is_told() -> None:
    def late(story: Story) -> None:
        story.probe("deviated", "during")

    seen = found(run(dead_between(INJECTED, UNDONE), extra=late))

    assert seen["detected-late"].sentence == (
        "the first probe deviated 10 s after customers of checkout noticed cut the "
        "cache off"
    )
    assert "undetected" not in seen


def test_an_alarm_that_nobody_else_shares_is_told() -> None:
    def alarm(story: Story) -> None:
        story.probe("deviated", "during", "nervous")

    seen = found(run(fine, extra=alarm))

    assert seen["alarm-without-harm"].sentence.startswith("nervous deviated")


def test_a_burned_budget_is_told_in_days() -> None:
    insight = found(run(dead_between(INJECTED, UNDONE)))["budget-burned"]

    assert insight.sentence == (
        "the error budget burned 99 x as fast as promised while faults stood: an "
        "outage like this uses up 30 days of it in 7.27 h"
    )


def test_a_wide_interval_comes_with_what_would_narrow_it() -> None:
    insight = found(run(dead_between(12, 14)))["uncertain"]

    assert "points wide" in insight.sentence
    assert "times as long" in insight.advice


def test_an_undo_that_was_tried_again_is_told_with_its_last_error() -> None:
    def fails(story: Story) -> None:
        for attempt, error in ((1, "refused"), (2, "jammed")):
            story.tell(
                FaultUndoFailed(fault=FAULT, name=NAME, attempt=attempt, error=error)
            )

    insight = found(run(fine, extra=fails))["undo-retried"]

    assert insight.sentence == "taking cut the cache off back failed 2 times: jammed"
    assert len(insight.evidence) == 2


def test_a_run_that_the_guardian_finished_is_told() -> None:
    def dies(story: Story) -> None:
        story.tell(RunTakenOver(by="guardian", why="the runner is gone"))

    insight = found(run(fine, extra=dies))["taken-over"]

    assert insight.sentence.endswith("the guardian did: the runner is gone")


def test_a_late_generator_is_told_with_its_lag() -> None:
    events = [
        one.model_copy(update={"lag": 0.12}) if one.kind == "workload.sampled" else one
        for one in run(fine)
    ]

    assert "up to 120 ms late" in found(events)["generator-late"].sentence


@pytest.mark.parametrize(
    "answer",
    [fine, flapping, worse, under_harm(2.0, "timeout"), dead_between(10, 24)],
)
def test_every_insight_points_at_events_of_the_run(answer: Answer) -> None:
    events = run(answer)

    told = insights(events, score(events, 20))

    assert told
    assert all(
        one.evidence and set(one.evidence) <= {e.seq for e in events} for one in told
    )


@given(cut=st.integers(0, 60), dead=st.floats(0, 30), width=st.floats(0, 30))
def test_a_broken_off_run_gives_what_it_shows_and_no_error(
    cut: int, dead: float, width: float
) -> None:
    events = run(dead_between(dead, dead + width))[:cut]

    told = insights(events, score(events, 5))

    known = {one.seq for one in events}
    assert all(set(one.evidence) <= known for one in told)


def test_hostile_names_stay_in_one_line() -> None:
    nasty = "evil\n\x1b[31m" * 200
    events: list[Event] = [
        one.model_copy(update={"name": nasty}) if hasattr(one, "fault") else one
        for one in run(dead_between(INJECTED, UNDONE))
    ]

    told = insights(events, score(events, 5))

    assert told
    assert all(one.sentence.isprintable() and len(one.sentence) < 1500 for one in told)
