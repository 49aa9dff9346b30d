from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.events import (
    ActionStarted,
    FaultInjected,
    PhaseStarted,
    WorkloadStarted,
)
from chaos_mcp.journal.model import Band, Window, Windows
from chaos_mcp.journal.windows import bands, windows
from tests.journal.story import DEADLINE, FAULT, NAME, RATE, Story, promised, run

NOTHING = Windows(None, None, None)


def test_a_run_has_a_baseline_a_fault_and_a_recovery() -> None:
    spans = windows(run())

    assert spans == Windows(Window(1, 10), Window(10, 20), Window(20, 32))


def test_the_harm_begins_before_injecting_is_over() -> None:
    story = Story().phase("baseline").arm(4.0)
    story.tell(FaultInjected(fault=FAULT, name=NAME, duration=0.5), at=4.5)
    story.undo(6.0).verify().end(9.0)

    assert windows(story.events).fault == Window(4.0, 6.0)
    assert bands(story.events)[0].start == 4.0


def test_without_traffic_the_baseline_phase_is_the_baseline() -> None:
    story = Story().phase("baseline", 1.0).inject(3.0).undo(5.0).verify().end(8.0)

    assert windows(story.events).baseline == Window(1, 3)


def test_without_any_harm_the_baseline_ends_with_its_phase() -> None:
    story = Story().phase("baseline", 0.0).phase("inject", 5.0).end(6.0)

    assert windows(story.events) == Windows(Window(0, 5), None, None)


def test_a_warm_up_longer_than_the_baseline_leaves_none() -> None:
    story = Story().begin(**promised(warm_up=20.0))
    story.tell(WorkloadStarted(name="checkout", rate=RATE, deadline=DEADLINE))
    story.inject(10.0)

    assert windows(story.events).baseline is None


def test_several_faults_are_harm_from_the_first_to_the_last() -> None:
    story = Story().inject(2.0, "1-a").undo(4.0, "1-a").verify(fault="1-a")
    story.inject(6.0, "2-b").undo(7.0, "2-b").verify(7.5, "2-b").end(9.0)

    spans = windows(story.events)

    assert (spans.fault, spans.recovery) == (Window(2, 7.5), Window(7.5, 9))


def test_under_an_open_fault_nothing_recovers() -> None:
    story = Story().phase("baseline").inject(2.0).undo(4.0).end(9.0)

    spans = windows(story.events)

    assert (spans.fault, spans.recovery) == (Window(2, 9), None)


def test_recovery_ends_with_the_rollbacks_or_with_the_record() -> None:
    story = Story().inject(2.0).undo(4.0).verify()
    truncated = story.phase("recovery", 4.0).probe("held", "after", at=6.0).events[:]
    rolled_back = story.phase("rollbacks", 8.0).end(9.0).events

    assert windows(truncated).recovery == Window(4, 6)
    assert windows(rolled_back).recovery == Window(4, 8)


def test_where_only_actions_perturb_the_harm_lasts_to_the_end_of_the_phase() -> None:
    story = Story().phase("baseline").phase("inject", 3.0)
    story.tell(ActionStarted(name="flush", role="method"), at=4.0)
    endless = windows(story.phase("inject", 6.0).events)
    story.phase("recovery", 7.0).end(9.0)

    assert endless.fault == Window(4, 6)
    assert windows(story.events) == Windows(Window(0, 4), Window(4, 7), Window(7, 9))


def test_a_fault_that_was_armed_ends_the_baseline_even_if_it_never_came() -> None:
    story = Story().phase("baseline").arm(2.0).end(5.0)

    assert windows(story.events).baseline == Window(0, 2)


def test_a_harm_without_its_beginning_on_record_lasts_to_the_end() -> None:
    story = Story().tell(FaultInjected(fault=FAULT, name=NAME), at=1.0).end(3.0)

    assert windows(story.events).fault == Window(1, 3)


def test_nothing_is_a_window_of_nothing() -> None:
    assert windows([]) == NOTHING
    assert bands([]) == ()


def test_a_band_ends_with_the_undo_that_was_then_verified() -> None:
    story = Story().inject(2.0).prove(2.5).undo(4.0).verify(4.2).end(9.0)

    band = Band(FAULT, NAME, 2.0, 4.0, proven=True, verified=True)
    assert bands(story.events) == (band,)


def test_a_band_that_nobody_verified_goes_on_to_the_end_of_the_record() -> None:
    story = Story().inject(2.0).undo(4.0).end(9.0)

    band = Band(FAULT, NAME, 2.0, 9.0, proven=False, verified=False)
    assert bands(story.events) == (band,)


def test_a_band_verified_without_an_undo_on_record_ends_there() -> None:
    story = Story().inject(2.0).verify(4.0).end(9.0)

    assert bands(story.events)[0].end == 4.0


@given(st.integers(-5, 5000))
def test_a_run_begun_later_has_the_same_windows_later(shift: int) -> None:
    def told(by: float) -> Windows:
        story = Story().tell(PhaseStarted(phase="baseline"), at=by)
        story.inject(by + 3).undo(by + 5).verify().end(by + 9)
        return windows(story.events)

    here, there = told(0.0), told(float(shift))

    for a, b in zip(
        (here.baseline, here.fault, here.recovery),
        (there.baseline, there.fault, there.recovery),
        strict=True,
    ):
        assert a
        assert b
        assert (a.start + shift, a.end + shift) == (b.start, b.end)
