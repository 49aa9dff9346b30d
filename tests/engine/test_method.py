"""Perturbations come in turn or on the clock, and none of them outlives the method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.engine.method import Method
from chaos_mcp.events import (
    ActionFinished,
    FaultArmed,
    FaultInjected,
    FaultProven,
    FaultSkipped,
    FaultUndone,
    FaultUnproven,
    Noted,
    ProbeMeasured,
)
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.plan.model import Call, Deed, Question
from tests.engine.fakes import Doors, harm
from tests.running import only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.adapters.world import World
    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.engine.injection import Injections
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.plan.model import Ask, Step

pytestmark = pytest.mark.anyio


def call(name: str, answer: Any = None, takes: float = 0.0, **changes: Any) -> Call:
    async def ask(_: World) -> Any:
        await anyio.sleep(takes)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def prepare(_: Scope) -> Ask:
        return ask

    return Call(name, name, prepare, **changes)


async def carried_out(
    steps: Sequence[Step], activities: Activities, injections: Injections
) -> Method:
    method = Method(steps, activities, injections)
    await method.run()
    return method


def times(events: Sequence[Any], kind: type[Any]) -> list[float]:
    return [round(event.at, 2) for event in only(events, kind)]


async def test_faults_come_one_after_another(
    activities: Activities, injections: Injections
) -> None:
    steps = [harm("front", 1, hold=10.0), harm("back", 2, hold=5.0)]

    await carried_out(steps, activities, injections)

    events = activities.journal.events
    injected, undone = times(events, FaultInjected), times(events, FaultUndone)
    assert injected[1] >= undone[0]
    assert undone[0] - injected[0] == pytest.approx(10, abs=0.2)
    assert undone[1] - injected[1] == pytest.approx(5, abs=0.2)


async def test_faults_with_a_time_come_at_it_and_may_overlap(
    activities: Activities, injections: Injections, doors: Doors
) -> None:
    steps = [harm("front", 1, at=5.0, hold=10.0), harm("back", 2, at=8.0, hold=2.0)]

    await carried_out(steps, activities, injections)

    assert times(activities.journal.events, FaultInjected) == pytest.approx(
        [5, 8], abs=0.2
    )
    assert doors.log == ["open front", "open back", "close back", "close front"]


async def test_a_fault_without_an_end_stands_until_the_method_ends(
    activities: Activities, injections: Injections, doors: Doors
) -> None:
    steps: list[Step] = [harm("front"), Deed(call("wait", takes=7.0))]

    await carried_out(steps, activities, injections)

    assert times(activities.journal.events, FaultUndone)[0] >= 7
    assert doors.opened == set()


async def test_a_fault_without_an_end_gets_time_to_be_seen(
    activities: Activities, injections: Injections
) -> None:
    await carried_out([harm("front")], activities, injections)

    assert only(activities.journal.events, FaultProven)


async def test_a_fault_that_nothing_shows_is_unproven(
    activities: Activities, injections: Injections
) -> None:
    nothing = Question(call("look"), lambda _: ("deviated", "nothing"))

    await carried_out([harm("front", hold=4.0, prove=nothing)], activities, injections)

    unproven = only(activities.journal.events, FaultUnproven)
    assert unproven[0].why == "nothing showed its effect within 4 s"


async def test_a_probe_of_the_experiment_can_show_that_a_fault_bit(
    activities: Activities, injections: Injections
) -> None:
    look = Question(call("look", 3), lambda _: ("held", ""), expected="is 3")

    await carried_out([harm("front", hold=4.0, prove=look)], activities, injections)

    proven = only(activities.journal.events, FaultProven)
    assert proven[0].evidence == {"probe": "look", "expected": "is 3"}


async def test_what_the_seed_leaves_out_is_not_even_armed(
    activities: Activities, injections: Injections, doors: Doors
) -> None:
    steps = [harm("front", probability=0.5, drawn=0.7)]

    method = await carried_out(steps, activities, injections)

    skipped = only(activities.journal.events, FaultSkipped)[0]
    assert (skipped.probability, skipped.drawn) == (0.5, 0.7)
    assert doors.log == []
    assert not method.did


async def test_when_a_fault_cannot_stand_the_rest_is_left_out(
    activities: Activities, injections: Injections, doors: Doors
) -> None:
    doors.refuses.add("front")
    steps = [harm("front", 1, hold=1.0), harm("back", 2, hold=1.0)]

    await carried_out(steps, activities, injections)

    assert doors.log == []
    assert not only(activities.journal.events, FaultArmed)
    assert "left out" in only(activities.journal.events, Noted)[0].message


async def test_activities_in_the_background_do_not_hold_up_the_next(
    activities: Activities, injections: Injections
) -> None:
    steps: list[Step] = [
        Deed(call("slow", takes=9.0), background=True),
        Question(call("quick", 1)),
    ]

    await carried_out(steps, activities, injections)

    events = activities.journal.events
    assert times(events, ProbeMeasured) == [0]
    assert times(events, ActionFinished) == [9]


async def test_pauses_are_kept_before_and_after(
    activities: Activities, injections: Injections
) -> None:
    steps = [Deed(call("one", before=2.0, after=3.0)), Deed(call("two"))]

    await carried_out(steps, activities, injections)

    # The first ends once its pauses are over, and the second at once after it.
    assert times(activities.journal.events, ActionFinished) == [5, 5]


async def test_an_action_that_fails_is_written_down_and_the_method_goes_on(
    activities: Activities, injections: Injections
) -> None:
    steps = [Deed(call("broken", ValueError("no"))), Deed(call("fine", 1))]

    await carried_out(steps, activities, injections)

    done = only(activities.journal.events, ActionFinished)
    assert [(one.status, one.error) for one in done] == [
        ("failed", "ValueError: no"),
        ("succeeded", ""),
    ]


async def test_a_call_that_takes_too_long_has_failed(
    activities: Activities, injections: Injections
) -> None:
    steps = [Deed(call("stuck", takes=60.0, timeout=1.5))]

    await carried_out(steps, activities, injections)

    done = only(activities.journal.events, ActionFinished)[0]
    assert (done.status, done.error) == ("failed", "no answer within 1.5 s")


async def test_cancelling_the_method_leaves_its_faults_to_be_undone(
    activities: Activities, injections: Injections, doors: Doors
) -> None:
    with anyio.move_on_after(3):
        await carried_out([harm("front", hold=60.0)], activities, injections)
    assert doors.opened == {"front"}

    await injections.undo_all()

    assert not open_faults(activities.journal.events)


async def test_an_action_that_is_cut_short_says_so(
    activities: Activities, injections: Injections
) -> None:
    with anyio.move_on_after(3):
        await carried_out([Deed(call("long", takes=60.0))], activities, injections)

    assert only(activities.journal.events, ActionFinished)[0].status == "aborted"
