"""The timeline: plain sentences, in order, nothing said twice, nothing forgotten."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from chaos_mcp.events import (
    ActionFinished,
    ActionStarted,
    BaselineJudged,
    Event,
    FaultFailed,
    FaultInjected,
    FaultProven,
    FaultSkipped,
    FaultUndoFailed,
    FaultUndoing,
    FaultUnproven,
    FaultVerified,
    JournalDamaged,
    Noted,
    PartStarted,
    PartStopped,
    ProbeMeasured,
    ResourcesMeasured,
    RunAborting,
    RunnerMeasured,
    RunTakenOver,
    SafeguardTripped,
    WorkloadSampled,
    WorkloadStopped,
)
from chaos_mcp.journal.sentences import moment
from chaos_mcp.journal.timeline import timeline
from tests.journal.story import FAULT, NAME, Story, dead_between, fine, run

LABEL = "cut the cache off (network.partition)"
Row = tuple[Any, str, str, str, str]

SENTENCES: list[Row] = [
    (
        RunAborting(cause="signal", reason="SIGINT was received"),
        "run",
        "bad",
        "the run is being stopped: SIGINT was received",
        "cause: signal",
    ),
    (Noted(message="hello\nthere"), "run", "plain", "hello there", ""),
    (
        BaselineJudged(
            baseline="nightly",
            against="r0",
            metrics=[
                {"metric": "score", "verdict": "held", "words": "score: fine"},
                {"metric": "p95", "verdict": "deviated", "words": "p95:\nslow"},
            ],
        ),
        "run",
        "bad",
        "worse than the baseline nightly (r0)",
        "p95: slow",
    ),
    (
        BaselineJudged(baseline="nightly", against="r0", why="other profiles"),
        "run",
        "warn",
        "it cannot be told whether it is worse than the baseline nightly (r0)",
        "other profiles",
    ),
    (Noted(level="error", message="no"), "run", "bad", "no", ""),
    (
        RunnerMeasured(cpu_seconds=1.2, seconds=20.0, peak_bytes=64 * 1024**2),
        "run",
        "plain",
        "the runner itself used 6.0% of one core and 64 MiB",
        "",
    ),
    (
        PartStarted(part="process", name="shop", address="127.0.0.1:80", pid=7),
        "system",
        "plain",
        "process shop was started",
        "at 127.0.0.1:80, process 7",
    ),
    (
        PartStarted(part="process", name="shop", pid=7),
        "system",
        "plain",
        "process shop was started",
        "process 7",
    ),
    (
        RunTakenOver(by="guardian", why="the runner died", pid=7),
        "run",
        "bad",
        "the guardian takes over: the runner died",
        "process 7",
    ),
    (
        RunTakenOver(by="recover", why="it was called", pid=7),
        "run",
        "bad",
        "`chaos recover` takes over: it was called",
        "process 7",
    ),
    (
        JournalDamaged(missing=2, line=9),
        "run",
        "bad",
        "2 lines of the journal are damaged or missing",
        "up to line 9",
    ),
    (
        PartStopped(part="proxy", name="cache", clean=False, detail="refused"),
        "system",
        "warn",
        "proxy cache did not end as it should",
        "refused",
    ),
    (
        PartStopped(part="proxy", name="cache"),
        "system",
        "plain",
        "proxy cache was stopped",
        "",
    ),
    (
        ProbeMeasured(
            name="disk",
            role="safeguard",
            verdict="deviated",
            value=1,
            expected="> 2",
            why="1",
        ),
        "safeguard",
        "bad",
        "disk: deviated: 1",
        "measured 1, expected > 2",
    ),
    (
        SafeguardTripped(name="disk", why="full"),
        "safeguard",
        "bad",
        "safeguard tripped: disk",
        "full",
    ),
    (
        ActionStarted(name="warm", role="method"),
        "action",
        "plain",
        "action warm was begun",
        "",
    ),
    (
        ActionFinished(name="warm", role="method", status="succeeded", duration=0.34),
        "action",
        "plain",
        "action warm was carried out",
        "it took 340 ms",
    ),
    (
        ActionFinished(name="warm", role="rollback", status="failed", error="no"),
        "action",
        "bad",
        "rollback warm failed",
        "no",
    ),
    (
        WorkloadStopped(name="checkout", sent=9, missed=4, kept_up=False),
        "workload",
        "warn",
        "traffic ends: checkout, 9 requests; the generator could not keep up",
        "4 sent late",
    ),
    (
        FaultSkipped(fault=FAULT, name=NAME, probability=0.5, drawn=0.75),
        "fault",
        "plain",
        f"{LABEL} was left out by chance",
        "drew 0.75, needed less than 0.5",
    ),
    (
        FaultInjected(fault=FAULT, name=NAME, duration=2.5),
        "fault",
        "warn",
        f"{LABEL} was injected",
        "it took 2.5 s",
    ),
    (
        FaultInjected(fault="1-network.partition", name="network.partition"),
        "fault",
        "warn",
        "network.partition was injected",
        "",
    ),
    (
        FaultFailed(fault=FAULT, name=NAME, step="inject", error="refused"),
        "fault",
        "bad",
        f"{LABEL} could not be injected",
        "refused",
    ),
    (
        FaultProven(fault=FAULT, name=NAME, evidence=None),
        "fault",
        "good",
        f"{LABEL} bit: proven: its effect was seen",
        "",
    ),
    (
        FaultUnproven(fault=FAULT, name=NAME, why="no traffic"),
        "fault",
        "warn",
        f"{LABEL} was not seen to bite",
        "no traffic",
    ),
    (
        FaultUndoing(fault=FAULT, name=NAME, attempt=2),
        "fault",
        "plain",
        f"{LABEL} is being undone (attempt 2)",
        "",
    ),
    (
        FaultUndoFailed(fault=FAULT, name=NAME, attempt=1, error="refused"),
        "fault",
        "bad",
        f"undoing {LABEL} failed, attempt 1",
        "refused",
    ),
    (
        FaultVerified(fault=FAULT, name=NAME, evidence="no toxic"),
        "fault",
        "good",
        f"{LABEL} was verified to be gone",
        "no toxic",
    ),
]


COUNTED = (WorkloadSampled, ResourcesMeasured)


@pytest.mark.parametrize(
    ("event", "lane", "tone", "title", "detail"),
    SENTENCES,
    ids=[f"{number} {row[0].kind}" for number, row in enumerate(SENTENCES)],
)
def test_an_event_is_a_sentence(
    event: Any, lane: str, tone: str, title: str, detail: str
) -> None:
    found = moment(event)

    assert found
    assert (found.lane, found.tone, found.title, found.detail) == (
        lane,
        tone,
        title,
        detail,
    )
    assert found.kind == event.kind


def test_every_kind_of_event_has_a_place_in_some_story() -> None:
    kinds = {kind for union in get_args(Event)[:1] for kind in get_args(union)}
    told = {type(row[0]) for row in SENTENCES}
    told |= {type(event) for event in run()} | set(COUNTED)

    assert kinds == told


@pytest.mark.parametrize(
    "event",
    [
        WorkloadSampled(name="x", sent=[], latency=[], result=[]),
        ResourcesMeasured(used=[]),
    ],
)
def test_what_is_only_counted_says_nothing_by_itself(event: Any) -> None:
    assert type(event) in COUNTED
    assert moment(event) is None


def test_a_run_is_told_in_order_and_without_repeating_itself() -> None:
    told = [(one.at, one.title) for one in timeline(run(dead_between(12, 20.5)))]

    assert told == [
        (0.0, "the run begins: The shop keeps selling"),
        (0.0, "traffic begins: checkout, 50 requests a second"),
        (0.0, "the baseline begins: normal is being measured"),
        (9.9, "the shop answers: held"),
        (9.9, "the steady-state hypothesis held (before the harm)"),
        (9.9, "the inject phase begins"),
        (10.0, f"{LABEL} was armed: what undoing needs is on record"),
        (10.0, f"{LABEL} was injected"),
        (
            10.5,
            f"{LABEL} bit: proven: 12 connections held back, 3.4 kB dropped",
        ),
        (12.0, "checkout: goodput fell to 0 % of normal"),
        (19.9, f"{LABEL} is being undone"),
        (19.9, f"{LABEL} was undone"),
        (20.0, f"{LABEL} was verified to be gone"),
        (20.0, "the steady-state hypothesis held (while faults stood)"),
        (20.0, "the recovery phase begins: the system is given time to come back"),
        (21.0, "checkout: goodput is back to normal"),
        (32.0, "traffic ends: checkout, 1600 requests"),
        (32.0, "the steady-state hypothesis held (at the end)"),
        (32.0, "the rollbacks begin"),
        (32.1, "the run has come to its end"),
    ]


def test_only_changes_of_a_probes_verdict_are_told() -> None:
    story = Story()
    for verdict in ("held", "held", "deviated", "deviated", "unknown", "held"):
        story.probe(verdict, "during")
    story.probe("held", None, role="safeguard").end()

    told = [(one.lane, one.title.split(": ")[1]) for one in timeline(story.events)[:-1]]

    assert told == [
        ("hypothesis", "held"),
        ("hypothesis", "deviated"),
        ("hypothesis", "unknown"),
        ("hypothesis", "held"),
        ("safeguard", "held"),
    ]


def test_the_worst_second_is_told_where_it_is_not_the_first_bad_one() -> None:
    def answer(due: float) -> tuple[float, str]:
        bad = (12 <= due < 13 and round(due * 50) % 2) or 14 <= due < 15
        return (2.0, "timeout") if bad else (0.01, "ok")

    told = [one for one in timeline(run(answer)) if one.kind == "workload.sampled"]

    assert [(one.at, one.title) for one in told] == [
        (12.02, "checkout: goodput fell to 50 % of normal"),
        (14.0, "checkout: the worst second, goodput at 0 % of normal"),
        (20.0, "checkout: goodput is back to normal"),
    ]


def test_traffic_turned_bad_with_its_first_bad_request() -> None:
    def dead(due: float) -> bool:
        return 12.5 <= due < 14

    def answer(due: float) -> tuple[float, str]:
        return (2.0, "timeout") if dead(due) else (0.01, "ok")

    def unheard(event: Event) -> Event:
        if not isinstance(event, WorkloadSampled):
            return event
        rows = zip(event.sent, event.latency, event.result, strict=True)
        kept = [row for row in rows if not dead(row[0])]
        columns = (list(column) for column in zip(*kept, strict=True))
        names = ("sent", "latency", "result")
        return event.model_copy(update=dict(zip(names, columns, strict=False)))

    told = timeline(run(answer))
    silent = timeline([unheard(event) for event in run(fine)])

    for story in (told, silent):
        turned = [one.at for one in story if one.kind == "workload.sampled"]
        assert turned[0] == 12.5


def test_a_system_that_never_came_back_is_not_told_to_be_back() -> None:
    told = [one.title for one in timeline(run(dead_between(12, 99)))]

    assert "checkout: goodput is back to normal" not in told


def test_traffic_that_stays_good_is_not_told() -> None:
    assert not [one for one in timeline(run(fine)) if one.kind == "workload.sampled"]


def test_traffic_that_was_never_good_turns_at_nothing() -> None:
    told = timeline(run(dead_between(0, 99)))

    assert not [one for one in told if one.kind == "workload.sampled"]


def test_moments_of_traffic_lead_to_the_samples_that_show_them() -> None:
    events = run(dead_between(12, 20.5))

    (fell, back) = [one for one in timeline(events) if one.kind == "workload.sampled"]

    for one in (fell, back):
        event = events[one.seq]
        assert isinstance(event, WorkloadSampled)


def test_a_record_that_breaks_off_says_so_at_its_end() -> None:
    events = run(end=False)

    last = timeline(events)[-1]

    assert last.title == "the journal ends here: the runner did not reach its end"
    assert (last.at, last.seq) == (events[-1].at, events[-1].seq)


def test_a_fault_that_is_open_to_the_end_leaves_no_recovery_to_tell() -> None:
    told = [one.title for one in timeline(run(dead_between(12, 20.5), verify=False))]

    assert "checkout: goodput fell to 0 % of normal" in told
    assert "checkout: goodput is back to normal" not in told


def test_nothing_is_told_of_nothing() -> None:
    assert timeline([]) == ()


def test_foreign_text_stays_on_one_line_and_within_bounds() -> None:
    event = Noted(message="\x1b[31mred\x00\u2028next\r\n" + "x" * 100_000)

    found = moment(event)

    assert found
    assert found.title.startswith("[31mred next xxx")
    assert len(found.title) == 240
