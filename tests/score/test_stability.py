"""The score of runs whose figures can be worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.events import (
    ActionStarted,
    FaultSkipped,
    RunAborting,
    WorkloadStarted,
    WorkloadStopped,
)
from chaos_mcp.journal.settings import settings_of
from chaos_mcp.score.figures import figures
from chaos_mcp.score.stability import score
from tests.journal.story import (
    DEADLINE,
    END,
    FAULT,
    NAME,
    RATE,
    Story,
    dead_between,
    fine,
    promised,
    run,
    sampled,
)

if TYPE_CHECKING:
    from chaos_mcp.events import Event
    from chaos_mcp.score.model import PartScore, Score

# Without a detector the other five parts share its 5 points: 30 of 95 are 31.6.
SHARED = 100 / 95


def parts(found: Score) -> dict[str, PartScore]:
    return {part.name: part for part in found.parts}


def ratios(events: list[Event]) -> dict[str, float]:
    return {name: part.ratio for name, part in parts(score(events)).items()}


def drop(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event.kind != kind]


def test_a_run_that_nobody_noticed_scores_100() -> None:
    found = score(run())

    assert (found.value, found.high, found.caps, found.missing) == (100, 100, (), ())
    assert (found.recovered, found.recovery_time) == (True, 0.0)
    assert (found.outage_seconds, found.burn_rate) == (0.0, 0.0)


def test_even_a_perfect_run_leaves_room_for_failures_that_were_not_seen() -> None:
    found = score(run())

    assert found.low is not None
    assert 94 < found.low < 99


def test_a_total_outage_loses_all_but_the_recovery() -> None:
    found = score(run(dead_between(10, 20.5)))

    assert {name: part.ratio for name, part in parts(found).items()} == {
        "availability": 0.0,
        "latency": 0.0,
        "error budget": 0.0,
        "recovery": 0.9,
        "residual": 1.0,
        "detection": 1.0,
    }
    assert found.value == pytest.approx(100 - (30 + 15 + 15 + 2.5) * SHARED, abs=1e-5)
    assert found.recovery_time == 1.0
    assert found.outage_seconds == pytest.approx(10.5)
    assert found.burn_rate == pytest.approx(100.0)


def test_losses_are_told_in_words() -> None:
    words = {n: p.words for n, p in parts(score(run(dead_between(10, 20.5)))).items()}

    assert words == {
        "availability": "0 % of requests succeeded under harm, 100 % before",
        "latency": "worth of the answers by their speed: 0.00, 1.00 before",
        "error budget": "525 bad requests since the harm began, 15.5 allowed",
        "recovery": "back 1 s after the last undo (objective 10 s)",
        "residual": "goodput at the end of recovery is 100 % of the baseline's",
        "detection": "not counted: no detector is declared",
    }


def test_a_system_that_never_came_back_is_capped() -> None:
    def answer(due: float) -> tuple[float, str]:
        bad = due >= 10 and round(due * RATE) % 4 == 0
        return (2.0, "timeout") if bad else (0.01, "ok")

    found = score(run(answer))

    assert found.value == 40.0
    assert [(cap.at, cap.why) for cap in found.caps] == [
        (40.0, "the system was not seen to recover")
    ]
    assert (found.recovered, found.recovery_time) == (False, None)
    assert parts(found)["recovery"].words == (
        "not back within the 12 s that were watched (objective 10 s)"
    )


def test_wrong_data_outweighs_everything_that_was_fast_and_available() -> None:
    def broken(story: Story) -> None:
        story.probe("deviated", None, "no order is lost")

    found = score(run(extra=broken, correctness=["no order is lost"]))

    assert found.value == 20.0
    assert found.caps[0].why == "data was wrong or lost: no order is lost deviated"


def test_a_correctness_probe_that_holds_takes_nothing() -> None:
    def held(story: Story) -> None:
        story.probe("held", "after", "no order is lost")

    found = score(run(extra=held, correctness=["no order is lost"]))

    assert (found.value, found.caps) == (100.0, ())


def test_a_correctness_probe_that_gave_no_answer_leaves_no_number() -> None:
    def mute(story: Story) -> None:
        story.probe("unknown", "after", "no order is lost")

    found = score(run(extra=mute, correctness=["no order is lost"]))

    assert found.value is None
    assert found.missing == ("no order is lost gave no answer after the harm began",)


def test_an_undo_that_was_not_verified_is_worth_nothing() -> None:
    found = score(run(verify=False))
    unmeasured = score(run(verify=False, prove=False, end=False))

    for one in (found, unmeasured):
        assert (one.value, one.low, one.high, one.missing) == (0.0, 0.0, 0.0, ())
        assert one.caps[0].why == f"the undo of {NAME} was not verified"


def test_without_traffic_an_open_fault_does_not_make_a_number() -> None:
    found = score(Story().begin().inject().events)

    assert (found.value, found.missing) == (None, ("no workload is declared",))


def test_slow_answers_cost_latency_and_the_slo_but_not_availability() -> None:
    def answer(due: float) -> tuple[float, str]:
        return (0.4, "ok") if 10 <= due < 20 else (0.04, "ok")

    found = ratios(run(answer))

    assert found["availability"] == 1.0
    assert found["latency"] == pytest.approx(0.0)
    assert found["error budget"] == 0.0


def test_answers_slower_by_the_root_of_ten_are_worth_half() -> None:
    def answer(due: float) -> tuple[float, str]:
        return (0.04 * 10**0.5, "ok") if 10 <= due < 20 else (0.04, "ok")

    assert ratios(run(answer))["latency"] == pytest.approx(0.5)


def test_a_quick_refusal_is_worth_no_more_than_a_request_that_hung() -> None:
    def hung(due: float) -> tuple[float, str]:
        return (2.0, "timeout") if 10 <= due < 15 else (0.01, "ok")

    assert score(run(hung)) == score(run(dead_between(10, 15)))


def test_answers_at_once_in_the_baseline_make_any_wait_worthless() -> None:
    def answer(due: float) -> tuple[float, str]:
        return (0.1, "ok") if 10 <= due < 20 else (0.0, "ok")

    assert ratios(run(answer))["latency"] == 0.0


def test_the_error_budget_is_of_the_whole_measured_time() -> None:
    # 9 + 10 + 12 s at 50/s with 1 % allowed: 15.5 requests, of which 5 are used.
    found = ratios(run(dead_between(12, 12.1)))

    assert found["error budget"] == pytest.approx(1 - 5 / 15.5)


def test_a_promise_of_no_failure_is_broken_by_one() -> None:
    perfect = promised()["workloads"][0] | {"availability": 1.0}

    kept = ratios(run(workloads=[perfect]))
    broken = ratios(run(dead_between(12, 12.02), workloads=[perfect]))

    assert (kept["error budget"], broken["error budget"]) == (1.0, 0.0)
    assert score(run(workloads=[perfect])).burn_rate is None


def test_recovery_must_last_for_the_hold_time() -> None:
    def answer(due: float) -> tuple[float, str]:
        bad = 10 <= due < 20.5 or 23 <= due < 23.5
        return (2.0, "timeout") if bad else (0.01, "ok")

    assert score(run(answer)).recovery_time == 4.0


def test_a_recovery_objective_of_nothing_is_met_by_nothing_else() -> None:
    at_once = ratios(run(rto=0.0))
    late = ratios(run(dead_between(10, 20.5), rto=0.0))

    assert (at_once["recovery"], late["recovery"]) == (1.0, 0.0)


def test_coming_back_to_a_worse_level_shows_in_the_residual() -> None:
    def answer(due: float) -> tuple[float, str]:
        bad = due >= 10 and round(due * RATE) % 20 == 0
        return (2.0, "timeout") if bad else (0.01, "ok")

    found = ratios(run(answer))

    assert found["recovery"] == 1.0
    assert found["residual"] == pytest.approx(0.95, abs=0.01)


def test_where_nobody_waits_for_recovery_its_weight_goes_to_the_others() -> None:
    story = Story().begin(**promised())
    story.tell(WorkloadStarted(name="checkout", rate=RATE, deadline=DEADLINE))
    story.inject(10.0).prove().undo(20.0).verify().phase("recovery")
    for event in sampled(fine, until=21.0):
        story.tell(event)
    story.tell(WorkloadStopped(name="checkout", sent=1050), at=21.0).end()

    found = score(story.events)

    weights = {name: part.weight for name, part in parts(found).items()}
    assert weights == pytest.approx(
        {
            "availability": 50.0,
            "latency": 25.0,
            "error budget": 25.0,
            "recovery": 0.0,
            "residual": 0.0,
            "detection": 0.0,
        }
    )
    for name in ("recovery", "residual"):
        assert parts(found)[name].words == (
            "not counted: nobody waited for the system to come back"
        )


@pytest.mark.parametrize(
    ("at", "within", "ratio", "words"),
    [
        (12.0, 4.0, 0.5, "the detector saw it 2 s after the harm began"),
        (12.0, None, 0.8, "the detector saw it 2 s after the harm began"),
        (19.0, 4.0, 0.0, "the detector saw it 9 s after the harm began"),
        (None, 4.0, 0.0, "the detector saw nothing"),
        (9.0, 4.0, 0.0, "the detector saw nothing"),
    ],
)
def test_detection_counts_where_a_detector_is_declared(
    at: float | None, within: float | None, ratio: float, words: str
) -> None:
    events = run(dead_between(10, 15), detector="alarm", detect_within=within)
    if at is not None:
        alarm = Story(at).probe("deviated", "during", "alarm").events
        events = sorted([*events, *alarm], key=lambda event: event.at)

    found = parts(score(events))["detection"]

    assert found.weight == 5.0
    assert found.ratio == pytest.approx(ratio)
    assert found.words == words


def missing(events: list[Event]) -> tuple[str, ...]:
    found = score(events)
    assert (found.value, found.low, found.high, found.parts) == (None, None, None, ())
    return found.missing


def test_without_a_workload_there_is_no_number() -> None:
    assert missing([]) == ("no workload is declared",)
    assert missing(Story().begin().events) == ("no workload is declared",)
    assert missing(run(no_score=True)) == ("no workload is declared",)


def test_a_fault_without_proof_leaves_no_number() -> None:
    assert missing(run(prove=False)) == (f"nothing shows that {NAME} bit",)


def test_a_run_that_was_stopped_or_broke_off_leaves_no_number() -> None:
    stopped = run(
        extra=lambda story: story.tell(RunAborting(cause="signal", reason="x"))
    )

    assert missing(stopped) == ("the run was stopped before its end",)
    assert missing(run(end=False)) == ("the record ends before the run's end",)


def calm(*told: Any, until: float = END) -> list[Event]:
    story = Story().begin(**promised())
    story.tell(WorkloadStarted(name="checkout", rate=RATE, deadline=DEADLINE))
    story.phase("baseline").tell(*told)
    for event in sampled(fine, until=until):
        story.tell(event, at=story.at + 1)
    return story.end().events


def test_where_nothing_was_harmed_there_is_no_number() -> None:
    skipped = FaultSkipped(fault=FAULT, name=NAME, probability=0.1, drawn=0.5)

    assert missing(calm()) == ("nothing was harmed",)
    assert missing(calm(skipped)) == ("all faults were left out by chance",)


def test_actions_perturb_as_well() -> None:
    events = calm()
    action = ActionStarted(name="flush", role="method", at=10.0)
    events.insert(4, action)

    found = score(events)

    assert found.value is not None


@pytest.mark.parametrize(
    ("injected", "reason"),
    [
        (1.2, "too few samples: 10 requests in the baseline"),
        (2.2, "the baseline is shorter than 1.5 s"),
    ],
)
def test_a_baseline_that_is_too_short_leaves_no_number(
    injected: float, reason: str
) -> None:
    events = run()
    shifted = [
        event.model_copy(update={"at": injected})
        if event.kind in ("fault.armed", "fault.injected")
        else event
        for event in events
    ]

    assert missing(shifted) == (reason,)


def test_hardly_any_requests_under_harm_leave_no_number() -> None:
    story = Story().begin(**promised())
    story.tell(WorkloadStarted(name="checkout", rate=RATE, deadline=DEADLINE))
    story.inject(10.0).prove().undo(10.1).verify()
    for event in sampled(fine):
        story.tell(event)
    story.tell(WorkloadStopped(name="checkout", sent=1600), at=END).end()

    assert missing(story.events) == ("too few samples: 5 requests while faults stood",)


def test_traffic_that_ended_before_the_harm_leaves_no_number() -> None:
    story = Story().begin(**promised())
    story.tell(WorkloadStarted(name="checkout", rate=RATE, deadline=DEADLINE))
    story.inject(10.0).prove().undo(20.0).verify()
    for event in sampled(fine, until=9.0):
        story.tell(event)
    story.tell(WorkloadStopped(name="checkout", sent=450), at=END).end()

    assert missing(story.events) == ("too few samples: 0 requests while faults stood",)


def test_a_baseline_with_many_failures_is_unsteady() -> None:
    (reason,) = missing(run(dead_between(3, 5)))

    assert reason == "the baseline was unsteady: only 77.8 % of requests were good"


def test_a_baseline_of_failures_alone_is_unsteady() -> None:
    (reason,) = missing(run(dead_between(0, 99)))

    assert reason == "the baseline was unsteady: only 0 % of requests were good"


def test_a_baseline_whose_halves_differ_is_unsteady() -> None:
    (reason,) = missing(run(dead_between(1, 1.8)))

    assert reason == "the baseline was unsteady: 80 % good at first, 100 % later"


def test_a_baseline_with_holes_leaves_no_number() -> None:
    events = [
        event
        for event in run()
        if not (event.kind == "workload.sampled" and event.sent[0] == 4.0)
    ]

    (reason,) = missing(events)

    assert reason == "the record lacks 11.1 % of the baseline's requests"


def test_seconds_and_quantiles_are_there_with_or_without_a_number() -> None:
    found = score(run(dead_between(10, 12), end=False))

    assert found.value is None
    assert len(found.seconds) == 32
    second = found.seconds[10]
    assert (second.at, second.sent, second.succeeded, second.good) == (10, 50, 0, 0)
    assert (second.p50, second.p99) == (DEADLINE, DEADLINE)
    assert found.latencies["baseline"] == {"p50": 0.01, "p95": 0.01, "p99": 0.01}
    assert found.latencies["fault"] == {"p50": 0.01, "p95": 2.0, "p99": 2.0}
    assert (found.baseline_p95, found.baseline_goodput) == (0.01, 50.0)


def test_a_silent_second_is_on_the_chart_without_a_latency() -> None:
    events = [
        event
        for event in run()
        if not (event.kind == "workload.sampled" and event.sent[0] == 14.0)
    ]

    second = score(events).seconds[14]

    assert (second.sent, second.succeeded, second.p50) == (50, 0, None)


def test_a_promise_without_a_latency_is_only_of_success() -> None:
    patient = promised()["workloads"][0] | {"latency": None}

    def slow(_: float) -> tuple[float, str]:
        return 1.9, "ok"

    assert score(run(slow, workloads=[patient])).value == 100.0


def test_several_workloads_count_by_their_requests() -> None:
    """One of two equal workloads fails: half of all requests do."""
    story = Story().begin(**promised(workloads=[]))
    names = ("checkout", "search")
    for name in names:
        story.tell(WorkloadStarted(name=name, rate=RATE, deadline=DEADLINE))
    story.inject(10.0).prove().undo(20.0).verify()
    for name, answer in zip(names, (fine, dead_between(10, 20)), strict=True):
        for event in sampled(answer, name=name):
            story.tell(event)
        story.tell(WorkloadStopped(name=name, sent=1600))
    story.end(END)

    found = ratios(story.events)

    assert found["availability"] == pytest.approx(0.5)
    assert found["latency"] == pytest.approx(0.5)


def test_samples_without_a_beginning_on_record_are_still_samples() -> None:
    story = Story().phase("baseline").inject(10.0).prove().undo(20.0).verify()
    for event in sampled(fine):
        story.tell(event)

    found = score(story.end(END).events)

    assert len(found.seconds) == 32


def test_settings_that_make_no_sense_are_the_usual_ones() -> None:
    events = run()
    begun = events[0].model_copy(update={"settings": {"rto": "soon"}})

    assert score([begun, *events[1:]]).value == 100.0


def test_scores_can_be_compared_where_they_were_measured_alike() -> None:
    one = score(run())
    same = score(run(dead_between(12, 13), threshold=90.0))
    other = score(run(faults=["network.latency"]))
    watched = score(run(detector="alarm"))

    assert one.profile == same.profile
    assert len({one.profile, other.profile, watched.profile}) == 3


def test_a_run_without_a_beginning_on_record_is_scored_with_the_usual_settings() -> (
    None
):
    found = score(drop(run(), "run.started"))

    assert found.value == 100.0


@pytest.mark.parametrize(
    "promised_by",
    [{}, {"detector": "alarm"}, {"detector": "alarm", "no_score": True}],
    ids=str,
)
@pytest.mark.parametrize("harmed", [True, False])
def test_where_nothing_was_sent_the_figures_would_say_no_more(
    promised_by: dict[str, Any], *, harmed: bool
) -> None:
    silent = [one for one in run(**promised_by) if not one.kind.startswith("workload")]
    if not harmed:
        silent = [one for one in silent if not one.kind.startswith("fault")]

    found = score(silent)

    assert found.missing == ("no workload is declared",)
    assert found == figures(silent, settings_of(silent), 10)
