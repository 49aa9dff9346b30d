from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.events import WorkloadSampled, WorkloadStarted, WorkloadStopped
from chaos_mcp.journal.model import Window
from chaos_mcp.journal.tally import quality, steady_from, tallies, whole
from chaos_mcp.journal.traffic import MOST_SILENT, Flow, flows
from tests.journal.story import Story, fine, run, sampled


def told(
    due: list[float], *, sent: int | None = None, rate: float = 10.0, at: float = 0.0
) -> Flow:
    story = Story().tell(WorkloadStarted(name="w", rate=rate, deadline=1.0), at=at)
    latency, result = [0.1] * len(due), ["ok"] * len(due)
    story.tell(WorkloadSampled(name="w", sent=due, latency=latency, result=result))
    if sent is not None:
        story.tell(WorkloadStopped(name="w", sent=sent))
    return flows(story.events)[0]


def rounded(times: list[float]) -> list[float]:
    return [round(time, 6) for time in times]


def test_requests_are_in_the_order_in_which_they_were_due() -> None:
    flow = told([0.2, 0.0, 0.1])

    assert flow.due == [0.0, 0.1, 0.2]
    assert flow.silent == []


def test_a_gap_in_the_due_times_is_requests_that_went_unheard() -> None:
    assert rounded(told([0.0, 0.1, 0.4]).silent) == [0.2, 0.3]


def test_what_was_sent_and_is_nowhere_is_missing_at_the_end() -> None:
    flow = told([0.0, 0.1, 0.3], sent=6)

    assert rounded(flow.silent) == [0.2, 0.4, 0.5]
    assert round(flow.end, 6) == 0.6


def test_what_is_missing_at_the_beginning_is_found_there() -> None:
    assert rounded(told([0.2, 0.3], sent=4).silent) == [0.0, 0.1]


def test_where_nothing_was_heard_all_that_was_sent_is_silent() -> None:
    assert rounded(told([], sent=3, at=2.0).silent) == [2.0, 2.1, 2.2]


def test_without_a_rate_there_is_no_telling_what_is_missing() -> None:
    flow = told([0.0, 5.0], sent=100, rate=0.0)

    assert flow.silent == []
    assert flow.end == 5.0


def test_without_a_beginning_on_record_the_rest_is_missing_at_the_end() -> None:
    workloads = [{"name": "w", "rate": 10.0, "deadline": 1.0}]
    story = Story().begin(workloads=workloads)
    story.tell(WorkloadSampled(name="w", sent=[1.0], latency=[0.1], result=["ok"]))
    story.tell(WorkloadStopped(name="w", sent=2))

    assert rounded(flows(story.events)[0].silent) == [1.1]


def test_a_damaged_record_does_not_fill_the_memory() -> None:
    gap = told([0.0, 1e12])
    rest = told([0.0], sent=10**12)

    assert len(gap.silent) == len(rest.silent) == MOST_SILENT


def test_impossible_times_are_left_out() -> None:
    assert told([0.0, float("nan"), float("inf"), 0.1]).due == [0.0, 0.1]


def test_a_whole_run_has_no_silence() -> None:
    (flow,) = flows(run())

    assert len(flow.due) == 1600
    assert flow.silent == []
    assert flow.name == "checkout"


def test_a_short_remainder_belongs_to_the_last_second() -> None:
    (flow,) = flows(run())

    assert [one.due for one in tallies([flow], Window(1.0, 3.2))] == [50, 60]
    assert [one.due for one in tallies([flow], Window(1.0, 3.3))] == [50, 50, 15]


@given(st.floats(0, 30), st.floats(0, 30), st.floats(0, 30))
def test_windows_that_touch_share_no_request_and_lose_none(
    one: float, two: float, three: float
) -> None:
    start, between, end = sorted(round(at, 3) for at in (one, two, three))
    (flow,) = flows(run())

    def due(window: Window) -> int:
        return whole(tallies([flow], window)).due

    first, second = Window(start, between), Window(between, end)
    assert due(first) + due(second) == due(Window(start, end))
    assert flow.count(first) == due(first)


def test_silence_counts_in_the_second_in_which_it_was() -> None:
    flow = told([0.0, 0.5, 2.0])

    assert [one.due for one in tallies([flow], Window(0, 2))] == [10, 10]
    assert [one.due for one in tallies([flow], Window(1, 2))] == [10]


def test_a_second_in_which_nothing_was_due_is_as_the_one_before() -> None:
    story = Story()
    for since in (0.0, 3.0):
        for event in sampled(fine, since=since, until=since + 1):
            story.tell(event)
    flow = Flow(flows(story.events)[0].promise)

    assert list(quality(tallies([flow], Window(0, 3)), 1.0)) == [1.0, 1.0, 1.0]


def test_without_a_normal_nothing_is_as_good_as_before() -> None:
    assert list(quality(tallies(flows(run()), Window(0, 2)), 0.0)) == [0.0, 0.0]


def test_steady_is_the_first_second_of_a_stretch_that_holds() -> None:
    assert steady_from([0.5, 1.0, 0.5, 0.9, 1.0, 1.0], hold=3.0) == 3
    assert steady_from([1.0, 1.0], hold=3.0) is None
    assert steady_from([1.0], hold=0.0) == 0
    assert steady_from([], hold=1.0) is None
