"""The hypothesis is judged as a whole, and not being able to ask is not held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.engine.hypothesis import Hypothesis, worst
from chaos_mcp.errors import ActivityFailed
from chaos_mcp.events import HypothesisJudged, ProbeMeasured
from chaos_mcp.plan.model import Question
from tests.engine.test_method import call
from tests.running import only

if TYPE_CHECKING:
    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.terms import Verdict

VERDICTS = st.sampled_from(["held", "deviated", "unknown"])


def is_one(value: Any) -> tuple[Verdict, str]:
    return ("held", "") if value == 1 else ("deviated", f"it is {value}")


def question(answer: Any, **changes: Any) -> Question:
    return Question(call("one", answer), is_one, expected="is 1", **changes)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("answers", "verdict"),
    [([1, 1], "held"), ([1, 2], "deviated"), ([1, ActivityFailed("no")], "unknown")],
    ids=["all held", "one deviated", "one unknown"],
)
async def test_one_probe_decides_for_all(
    activities: Activities, answers: list[Any], verdict: Verdict
) -> None:
    hypothesis = Hypothesis([question(answer) for answer in answers], activities)

    judged = await hypothesis.judge("before")

    assert judged == verdict
    assert only(activities.journal.events, HypothesisJudged)[0].verdict == verdict


@pytest.mark.anyio
async def test_a_probe_is_asked_only_when_it_is_meant_to_be(
    activities: Activities,
) -> None:
    hypothesis = Hypothesis([question(1, when=("after",))], activities)

    await hypothesis.judge("before")
    await hypothesis.judge("after")

    assert [one.when for one in only(activities.journal.events, ProbeMeasured)] == [
        "after"
    ]


@pytest.mark.anyio
async def test_one_bad_answer_during_the_harm_is_remembered(
    activities: Activities,
) -> None:
    answers = iter([1, 2, 1])

    async def ask(_: Any) -> Any:
        return next(answers, 1)

    asked = call("one")
    changing = Question(
        type(asked)("one", "one", lambda _: ask), is_one, when=("during",)
    )
    hypothesis = Hypothesis([changing], activities, every=1.0)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hypothesis.watch)
        await anyio.sleep(5.5)
        hypothesis.enough()
    hypothesis.conclude()

    assert only(activities.journal.events, HypothesisJudged)[0].verdict == "deviated"


@pytest.mark.anyio
async def test_settling_ends_when_all_is_well_again(activities: Activities) -> None:
    answers = iter([2, 2, 2])

    async def ask(_: Any) -> Any:
        return next(answers, 1)

    asked = call("one")
    hypothesis = Hypothesis(
        [Question(type(asked)("one", "one", lambda _: ask), is_one)], activities
    )

    await hypothesis.settle(60)

    assert 2.5 < activities.journal.now() < 4


@pytest.mark.anyio
async def test_settling_gives_up_in_time(activities: Activities) -> None:
    hypothesis = Hypothesis([question(2)], activities)

    await hypothesis.settle(10)

    assert activities.journal.now() == pytest.approx(10, abs=0.5)


@given(st.lists(VERDICTS), VERDICTS)
def test_another_probe_never_makes_the_verdict_better(
    verdicts: list[Verdict], more: Verdict
) -> None:
    rank = {"held": 0, "unknown": 1, "deviated": 2}

    assert rank[worst([*verdicts, more])] >= rank[worst(verdicts)]
