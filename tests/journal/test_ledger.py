from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.events import BaseEvent, FaultInjected, FaultUndone, FaultVerified
from chaos_mcp.journal.ledger import open_faults, standing
from tests.journal.story import NAME, Story, armed

STEPS: dict[str, Callable[[str], BaseEvent]] = {
    "arm": armed,
    "inject": lambda fault: FaultInjected(fault=fault, name=NAME),
    "undo": lambda fault: FaultUndone(fault=fault, name=NAME),
    "verify": lambda fault: FaultVerified(fault=fault, name=NAME),
}
told = st.lists(st.tuples(st.sampled_from(list(STEPS)), st.sampled_from("abc")))


def told_in(steps: list[tuple[str, str]]) -> Story:
    events: list[BaseEvent] = [STEPS[step](fault) for step, fault in steps]
    return Story().tell(*events)


def test_faults_are_open_from_armed_to_verified_newest_first() -> None:
    story = Story().arm(fault="a").inject(fault="b").arm(fault="c")
    story.verify(fault="a").undo(fault="c")

    assert [fault.fault for fault in open_faults(story.events)] == ["c", "b"]


def test_an_undo_that_nobody_verified_leaves_the_fault_open_but_not_standing() -> None:
    story = Story().inject().undo()

    assert [fault.name for fault in open_faults(story.events)] == [NAME]
    assert standing(story.events) == []


def test_faults_stand_from_injected_to_undone_newest_first() -> None:
    story = Story().inject(fault="a").inject(fault="b").arm(fault="c")

    assert [fault.fault for fault in standing(story.events)] == ["b", "a"]


def test_a_fault_armed_again_after_it_was_closed_is_open_again() -> None:
    story = Story().inject().undo().verify().arm()

    assert len(open_faults(story.events)) == 1


def test_nothing_is_open_in_an_empty_journal() -> None:
    assert open_faults([]) == []
    assert standing([]) == []


@given(told)
def test_a_fault_is_open_exactly_if_it_was_armed_after_it_was_last_verified(
    steps: list[tuple[str, str]],
) -> None:
    events = told_in(steps).events

    found = {fault.fault for fault in open_faults(events)}

    def last(step: str, fault: str) -> int:
        places = [i for i, one in enumerate(steps) if one == (step, fault)]
        return max(places, default=-1)

    assert found == {f for f in "abc" if last("arm", f) > last("verify", f)}
