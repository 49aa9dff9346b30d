"""Every verdict, every reason for it, and what can never be a pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.events import (
    ActionFinished,
    ActionStarted,
    FaultFailed,
    FaultSkipped,
    FaultUndoFailed,
    FaultUnproven,
    PartStarted,
    PartStopped,
    RunAborting,
    RunStarted,
    SafeguardTripped,
    WorkloadStarted,
    WorkloadStopped,
)
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.outcome import outcome
from chaos_mcp.journal.timeline import timeline
from tests.journal.story import DEADLINE, FAULT, NAME, RATE, Story, armed, promised

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Outcome
    from chaos_mcp.terms import Cause, Verdict, When


@dataclass(frozen=True)
class Measured:
    """A score, as far as a verdict asks for it."""

    value: float | None = 95.0
    low: float | None = 93.0
    high: float | None = 97.0
    missing: tuple[str, ...] = ()
    recovered: bool = True
    recovery_time: float | None = 1.0


def told(
    *,
    before: Verdict = "held",
    during: Verdict = "held",
    after: Verdict = "held",
    prove: bool = True,
    end: bool = True,
    **settings: Any,
) -> Story:
    story = Story().begin(**promised(**settings))
    story.tell(WorkloadStarted(name="checkout", rate=RATE, deadline=DEADLINE))
    story.probe(before, "before", why="status 503").judge("before", before)
    story.inject(5.0)
    if prove:
        story.prove()
    story.probe(during, "during").judge("during", during).undo(9.0).verify()
    story.probe(after, "after").judge("after", after)
    return story.end(20.0) if end else story


def verdict(story: Story, score: Measured | None = None) -> Outcome:
    return outcome(story.events, score)


def test_a_run_in_which_all_held_has_passed() -> None:
    found = verdict(told(), Measured())

    assert (found.result, found.exit_code, found.next_step) == ("PASSED", 0, "")
    assert found.reasons == (
        "the steady-state hypothesis held (before, during, after)",
        "1 fault bit, and after the undo nothing of it was left",
        "the score is 95.0 (93.0 to 97.0)",
    )


def test_a_pass_without_a_hypothesis_says_that_none_was_judged() -> None:
    story = Story().begin().inject(fault="1-a").inject(fault="2-b")
    for fault in ("1-a", "2-b"):
        story.prove(fault=fault).undo(fault=fault).verify(fault=fault)

    found = verdict(story.end())

    assert found.result == "PASSED"
    assert found.reasons == (
        "nothing deviated, but no hypothesis was judged",
        "2 faults bit, and after the undo nothing of it was left",
    )


def test_a_fault_not_seen_to_be_gone_is_unsafe_and_says_what_finishes_the_job() -> None:
    story = Story().begin().inject().prove().undo()
    story.tell(FaultUndoFailed(fault=FAULT, name=NAME, attempt=1, error="refused"))

    found = verdict(story.end(), Measured())

    assert (found.result, found.exit_code) == ("UNSAFE", 5)
    assert found.reasons[0] == (
        "cut the cache off (network.partition) was not seen to be gone and may still "
        "stand: refused"
    )
    assert found.next_step == "chaos recover r1"


def test_the_undo_that_is_named_failed_for_the_fault_that_is_open() -> None:
    story = Story().begin().inject(fault="1-a").inject(fault="2-b")
    story.tell(FaultUndoFailed(fault="1-a", name="a", attempt=1, error="refused"))
    story.undo(fault="1-a").verify(fault="1-a")

    found = verdict(story.end())

    assert found.reasons[0].endswith("may still stand")


@pytest.mark.parametrize("status", ["failed", "aborted"])
def test_a_rollback_that_failed_is_unsafe(status: Any) -> None:
    story = told(end=False).tell(ActionStarted(name="refill", role="rollback"))
    story.tell(ActionFinished(name="refill", role="rollback", status=status))

    found = verdict(story.end(), Measured())

    assert found.result == "UNSAFE"
    assert "rollback refill failed" in found.reasons[0]
    assert (
        found.next_step == "put back by hand what the rollback refill was to put back"
    )


def test_a_rollback_that_failed_without_a_beginning_on_record_counts() -> None:
    failed = ActionFinished(name="refill", role="rollback", status="failed", error="x")

    found = verdict(told(end=False).tell(failed).end())

    assert found.result == "UNSAFE"


def test_a_rollback_that_never_came_to_its_end_is_unsafe() -> None:
    story = told(end=False).tell(ActionStarted(name="refill", role="rollback"))

    found = verdict(story)

    assert found.result == "UNSAFE"
    assert "never came to its end" in found.reasons[0]


def test_a_rollback_that_deviates_is_unsafe_and_one_that_succeeds_is_not() -> None:
    fine = ActionFinished(name="refill", role="rollback", status="succeeded")
    began = ActionStarted(name="refill", role="rollback")
    good = told(end=False).tell(began, fine).end()
    bad = told(end=False).probe("deviated", None, role="rollback").end()

    assert verdict(good).result == "PASSED"
    assert verdict(bad).result == "UNSAFE"


def test_a_runner_that_died_before_the_rollbacks_leaves_them_to_a_person() -> None:
    experiment = {"rollbacks": [{"action": "refill"}]}
    story = Story().tell(RunStarted(title="x", experiment=experiment))
    story.inject().prove().undo().verify()

    found = verdict(story)

    assert found.result == "UNSAFE"
    assert found.reasons[0].startswith("the runner died before it came to")
    assert "rollbacks" in found.next_step


def test_rollbacks_are_not_missed_where_nothing_was_done_yet() -> None:
    experiment = {"rollbacks": [{"action": "refill"}]}
    story = Story().tell(RunStarted(title="x", experiment=experiment))

    assert verdict(story).result == "ABORTED"


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("safeguard", "a safeguard stopped the run: why"),
        ("signal", "a signal stopped the run: why"),
        ("deadline", "a deadline stopped the run: why"),
        ("operator", "an operator stopped the run: why"),
        ("control", "a control stopped the run: why"),
        ("error", "an error stopped the run: why"),
    ],
)
def test_what_stops_a_run_is_why_it_was_aborted(cause: Cause, words: str) -> None:
    story = told(during="deviated", end=False)
    story.tell(RunAborting(cause=cause, reason="why")).end()

    found = verdict(story)

    assert (found.result, found.exit_code) == ("ABORTED", 3)
    assert found.reasons[0] == words


def test_a_stopped_run_may_name_its_exit_code_but_not_claim_success() -> None:
    def code(asked: int) -> int:
        story = told(end=False)
        aborting = RunAborting(cause="control", reason="", exit_code=asked)
        return verdict(story.tell(aborting).end()).exit_code

    assert (code(42), code(0)) == (42, 3)


def test_a_safeguard_that_tripped_aborts_even_if_nothing_was_written_after_it() -> None:
    story = told(end=False)
    story.tell(SafeguardTripped(name="not a blackout", why="60 % fail"))

    found = verdict(story)

    assert found.result == "ABORTED"
    assert found.reasons[0] == "safeguard not a blackout tripped: 60 % fail"


def test_a_runner_that_died_with_everything_put_back_is_aborted() -> None:
    found = verdict(told(end=False))

    assert found.result == "ABORTED"
    assert found.reasons[0].startswith("the runner died")


def test_an_empty_journal_is_a_run_that_never_began() -> None:
    found = outcome([], None)

    assert found.result == "ABORTED"
    assert found.reasons == ("the journal is empty: the run never began",)


@pytest.mark.parametrize("before", ["deviated", "unknown"])
def test_without_a_steady_state_to_begin_with_nothing_is_concluded(
    before: Verdict,
) -> None:
    found = verdict(told(before=before, after="deviated"))

    assert (found.result, found.exit_code) == ("INCONCLUSIVE", 4)
    assert "before anything was injected: status 503" in found.reasons[0]


def test_a_fault_that_nothing_shows_to_have_bitten_proves_nothing() -> None:
    story = told(prove=False, after="deviated", end=False)
    story.tell(FaultUnproven(fault=FAULT, name=NAME, why="no traffic came by"))

    found = verdict(story.end())

    assert found.result == "INCONCLUSIVE"
    assert found.reasons[0] == (
        "nothing shows that cut the cache off (network.partition) bit: "
        "no traffic came by"
    )


def test_a_fault_whose_effect_nobody_looked_for_proves_nothing() -> None:
    found = verdict(told(prove=False))

    assert found.result == "INCONCLUSIVE"
    assert found.reasons[0].endswith("bit: nothing was looked at")


@pytest.mark.parametrize("when", ["during", "after"])
def test_a_hypothesis_that_deviates_under_a_proven_fault_has_failed(when: When) -> None:
    found = verdict(told().probe("deviated", when))

    assert (found.result, found.exit_code) == ("FAILED", 1)


def test_reasons_say_how_often_a_probe_deviated() -> None:
    story = told(end=False)
    for _ in range(2):
        story.probe("deviated", "during", why="status 503")

    found = verdict(story.end())

    assert found.reasons[0] == (
        "the shop answers deviated 2 of 3 times while faults stood: status 503"
    )


def test_a_hypothesis_judged_without_probes_on_record_counts() -> None:
    story = Story().begin().judge("after", "deviated").end()

    found = verdict(story)

    assert found.reasons == ("the steady-state hypothesis deviated at the end",)


@pytest.mark.parametrize("when", ["during", "after"])
def test_what_could_not_be_told_is_not_passed(when: When) -> None:
    found = verdict(told().judge(when, "unknown"))

    assert found.result == "INCONCLUSIVE"
    assert "could not be told" in found.reasons[0]


def test_a_deviation_outweighs_what_was_not_measured() -> None:
    found = verdict(told(during="unknown", after="deviated"))

    assert found.result == "FAILED"
    assert len(found.reasons) == 2


@pytest.mark.parametrize("status", ["failed", "aborted"])
def test_an_action_that_was_not_carried_out_takes_the_pass_away(status: Any) -> None:
    finished = ActionFinished(name="warm", role="method", status=status, error="no")

    found = verdict(told(end=False).tell(finished).end())

    assert found.result == "INCONCLUSIVE"
    assert found.reasons[0] == "the action warm was not carried out: no"


@pytest.mark.parametrize(
    ("role", "answer", "result"),
    [
        ("method", "held", "PASSED"),
        ("method", "deviated", "FAILED"),
        ("method", "unknown", "INCONCLUSIVE"),
        ("rollback", "held", "PASSED"),
        ("rollback", "unknown", "INCONCLUSIVE"),
    ],
)
def test_probes_of_method_and_rollbacks_count(
    role: str, answer: Verdict, result: str
) -> None:
    story = told(end=False).probe(answer, None, role=role).end()

    assert verdict(story).result == result


@pytest.mark.parametrize(("step", "word"), [("arm", "armed"), ("inject", "injected")])
def test_a_fault_that_could_not_be_inflicted_proves_nothing(
    step: Any, word: str
) -> None:
    story = Story().begin()
    story.tell(FaultFailed(fault=FAULT, name=NAME, step=step, error="refused"))
    story.judge("after", "deviated")

    found = verdict(story.end())

    assert found.result == "INCONCLUSIVE"
    assert found.reasons[0].endswith(f"could not be {word}: refused")


def test_a_fault_that_failed_beside_one_that_bit_leaves_a_deviation_failed() -> None:
    failed = FaultFailed(fault="2-b", name="b", step="arm", error="refused")

    held = verdict(told(end=False).tell(failed).end())
    deviated = verdict(told(during="deviated", end=False).tell(failed).end())

    assert (held.result, deviated.result) == ("INCONCLUSIVE", "FAILED")


def test_faults_left_out_by_chance_are_no_fault_of_the_run() -> None:
    story = Story().begin().judge("before")
    story.tell(FaultSkipped(fault=FAULT, name=NAME, probability=0.2, drawn=0.9))
    none = Measured(value=None, missing=("all faults were left out by chance",))

    found = verdict(story.judge("after").end(), none)

    assert found.result == "PASSED"
    assert "no fault was injected: all were left out by chance" in found.reasons
    assert any("its probability is 0.2" in reason for reason in found.reasons)


def test_a_generator_that_could_not_keep_up_measures_only_itself() -> None:
    late = WorkloadStopped(name="checkout", sent=10, missed=9, kept_up=False)
    story = told(end=False).tell(late).end()

    found = verdict(story, Measured(recovered=False))

    assert found.result == "INCONCLUSIVE"
    assert "the generator could not keep up (checkout)" in found.reasons[0]


def test_a_workload_without_a_number_is_inconclusive_and_says_why() -> None:
    none = Measured(value=None, missing=("the baseline was unsteady",))

    found = verdict(told(), none)
    nameless = verdict(told(), Measured(value=None))

    assert found.result == "INCONCLUSIVE"
    assert found.reasons[0] == "there is no score: the baseline was unsteady"
    assert nameless.reasons[0] == "there is no score: no reason is known"


def test_without_a_workload_the_verdict_does_not_ask_for_a_number() -> None:
    none = Measured(value=None, missing=("no workload is declared",))
    bare = Story().begin(rto=1.0).judge("after").end()

    assert verdict(bare, none).result == "PASSED"
    assert verdict(told(no_score=True), none).result == "PASSED"


def test_a_score_that_is_asked_for_where_nothing_can_give_one_takes_the_pass_away() -> (
    None
):
    story = told(workloads=[], no_score=True, threshold=90.0)

    found = outcome(story.events, None)

    assert found.result == "INCONCLUSIVE"
    assert found.reasons[0] == (
        "a score of 90 is asked for, and there is none, since no workload is declared"
    )


def test_a_system_that_did_not_recover_has_failed() -> None:
    found = verdict(told(), Measured(recovered=False, recovery_time=None))

    assert found.result == "FAILED"
    assert found.reasons[0] == ("the system was not seen to recover (objective: 10 s)")


def test_a_recovery_over_its_objective_has_failed() -> None:
    found = verdict(told(), Measured(recovery_time=12.0))

    assert found.result == "FAILED"
    assert found.reasons[0] == "recovery took 12 s, more than its 10 s"


@pytest.mark.parametrize(
    ("threshold", "result"),
    [(0, "PASSED"), (93, "PASSED"), (95, "INCONCLUSIVE"), (97.5, "FAILED")],
)
def test_the_interval_is_what_a_threshold_is_held_against(
    threshold: float, result: str
) -> None:
    found = verdict(told(threshold=threshold), Measured())

    assert found.result == result


def test_a_score_without_an_interval_passes_no_gate_by_itself() -> None:
    found = verdict(told(threshold=90.0), Measured(low=None, high=None))

    assert found.result == "INCONCLUSIVE"


def test_a_part_that_ended_badly_is_only_a_note() -> None:
    stopped = PartStopped(part="process", name="shop", clean=False, detail="exit 1")
    story = Story().begin().tell(PartStarted(part="process", name="shop", pid=7))
    story.tell(stopped, PartStopped(part="process", name="store"))
    story.tell(PartStarted(part="proxy", name="cache")).end()

    found = verdict(story)

    assert found.result == "PASSED"
    assert found.reasons[1:] == (
        "process shop did not end as it should: exit 1",
        "proxy cache was started and not seen to stop",
    )


def ended(kind: str, hit: int) -> Story:
    """Tell of a process 7 that ended while a fault stood that has hit somebody."""
    stopped = PartStopped(part="process", name="shop", clean=False, detail="signal 9")
    fault = armed(f"1-{kind}").model_copy(
        update={"spec": {"fault": kind}, "memo": {"processes": [{"pid": hit}]}}
    )
    story = Story().begin().tell(PartStarted(part="process", name="shop", pid=7))
    return story.tell(fault, stopped).undo(fault=fault.fault)


def test_a_part_that_a_fault_has_killed_ended_as_it_was_meant_to() -> None:
    story = ended("process.kill", 7)

    title = "process shop was killed by cut the cache off (process.kill)"
    assert title in verdict(story).reasons
    (end,) = [one for one in timeline(story.events) if one.kind == "part.stopped"]
    assert (end.title, end.tone, end.detail) == (title, "plain", "signal 9")


@pytest.mark.parametrize(("kind", "hit"), [("process.kill", 8), ("process.pause", 7)])
def test_one_that_no_fault_was_to_kill_did_not(kind: str, hit: int) -> None:
    story = ended(kind, hit)

    title = "process shop did not end as it should"
    assert f"{title}: signal 9" in verdict(story).reasons
    (end,) = [one for one in timeline(story.events) if one.kind == "part.stopped"]
    assert (end.title, end.tone) == (title, "warn")


def test_nor_one_that_ended_once_the_fault_was_being_undone() -> None:
    story = ended("process.kill", 7)
    story.tell(PartStarted(part="process", name="shop", pid=7))
    story.tell(PartStopped(part="process", name="shop", clean=False, detail="exit 1"))

    assert "process shop did not end as it should: exit 1" in verdict(story).reasons


def test_a_process_that_may_still_run_is_named_with_its_number() -> None:
    story = Story().begin().tell(PartStarted(part="process", name="shop", pid=7))

    found = verdict(story)

    assert found.reasons[1] == (
        "process shop (process 7) was started and not seen to stop"
    )


STEPS: dict[str, Callable[[Story, str], object]] = {
    "begin": lambda story, _: story.begin(),
    "arm": lambda story, fault: story.arm(fault=fault),
    "inject": lambda story, fault: story.inject(fault=fault),
    "prove": lambda story, fault: story.prove(fault=fault),
    "undo": lambda story, fault: story.undo(fault=fault),
    "verify": lambda story, fault: story.verify(fault=fault),
    "hold": lambda story, _: story.judge("after"),
    "deviate": lambda story, _: story.judge("after", "deviated"),
    "end": lambda story, _: story.end(),
}
steps = st.lists(st.tuples(st.sampled_from(list(STEPS)), st.sampled_from("ab")))


def any_story(steps: list[tuple[str, str]]) -> list[Event]:
    story = Story()
    for step, fault in steps:
        STEPS[step](story, fault)
    return story.events


@given(steps)
def test_a_fault_armed_and_not_verified_is_never_passed_over(
    steps: list[tuple[str, str]],
) -> None:
    events = any_story(steps)

    found = outcome(events, Measured())

    assert (found.result == "UNSAFE") == bool(open_faults(events))


@given(steps)
def test_a_pass_is_a_run_that_ended_and_in_which_nothing_deviated(
    steps: list[tuple[str, str]],
) -> None:
    events = any_story(steps)
    kinds = [step for step, _ in steps]

    found = outcome(events, Measured())

    if found.result == "PASSED":
        assert "end" in kinds
        assert "deviate" not in kinds
    assert found.reasons
