from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.events import SafeguardTripped
from chaos_mcp.journal.milestones import milestones
from tests.journal.story import Story, dead_between, promised, run

if TYPE_CHECKING:
    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Milestone
    from chaos_mcp.terms import Verdict


@dataclass(frozen=True)
class Back:
    """What a score knows of recovery."""

    recovered: bool = True
    recovery_time: float | None = 1.0


def strip(events: list[Event], back: Back | None = None) -> dict[str, Milestone]:
    return {one.name: one for one in milestones(events, back)}


def when(events: list[Event], back: Back | None = None) -> dict[str, float | None]:
    return {name: one.at for name, one in strip(events, back).items()}


def test_the_strip_goes_from_a_steady_baseline_to_recovered() -> None:
    events = run(
        dead_between(12, 20.5), extra=lambda s: s.probe("deviated", None), rto=10.0
    )

    found = milestones(events, Back())

    assert [(one.name, one.at, one.tone) for one in found] == [
        ("baseline ok", 9.9, "good"),
        ("injected", 10.0, "warn"),
        ("bit", 10.5, "good"),
        ("first bad event", 12.0, "bad"),
        ("detected", 20.0, "good"),
        ("undone", 19.9, "good"),
        ("verified", 20.0, "good"),
        ("recovered", 21.0, "good"),
    ]


def test_each_step_leads_to_the_event_that_shows_it() -> None:
    events = run(dead_between(12, 20.5))

    found = strip(events, Back())

    kinds = {
        name: events[one.seq].kind for name, one in found.items() if one.seq is not None
    }
    assert kinds == {
        "baseline ok": "hypothesis.judged",
        "injected": "fault.injected",
        "bit": "fault.proven",
        "first bad event": "workload.sampled",
        "undone": "fault.undone",
        "verified": "fault.verified",
        "recovered": "workload.sampled",
    }


def test_an_empty_journal_has_no_milestone_behind_it() -> None:
    assert {one.at for one in milestones([])} == {None}
    assert {one.tone for one in milestones([])} == {"plain"}


@pytest.mark.parametrize(
    ("verdict", "tone"), [("held", "good"), ("deviated", "bad"), ("unknown", "warn")]
)
def test_a_baseline_is_as_good_as_its_hypothesis(verdict: Verdict, tone: str) -> None:
    story = Story().judge("before", verdict)

    assert strip(story.events)["baseline ok"].tone == tone


def test_without_a_hypothesis_the_baseline_is_over_when_the_harm_begins() -> None:
    story = Story().judge("after").phase("baseline").inject(3.0)

    found = strip(story.events)["baseline ok"]

    assert (found.at, found.tone) == (3.0, "plain")


def test_a_probe_may_be_the_first_to_show_that_something_is_bad() -> None:
    story = Story().begin(**promised()).inject(3.0).probe("deviated", None, at=4.0)

    found = when(story.events)

    assert (found["first bad event"], found["detected"]) == (4.0, 4.0)


def test_what_deviated_before_the_harm_is_not_its_doing() -> None:
    story = Story().probe("deviated", "before", at=1.0).inject(3.0).undo(5.0).verify()

    assert when(story.events)["first bad event"] is None


def test_a_safeguard_detects_too_where_no_detector_is_declared() -> None:
    story = Story().begin(**promised()).inject(3.0)
    story.tell(SafeguardTripped(name="not a blackout", why=""), at=5.0)
    declared = Story().begin(**promised(detector="alarm")).inject(3.0)
    declared.tell(SafeguardTripped(name="not a blackout", why=""), at=5.0)

    assert when(story.events)["detected"] == 5.0
    assert when(declared.events)["detected"] is None


def test_only_the_declared_detector_detects_and_missing_it_is_bad() -> None:
    story = Story().begin(**promised(detector="alarm")).inject(3.0)
    story.probe("deviated", None, at=4.0)
    blind = strip(story.events)["detected"]
    seen = strip(story.probe("deviated", None, "alarm", at=6.0).events)["detected"]

    assert (blind.at, blind.tone) == (None, "bad")
    assert (seen.at, seen.tone) == (6.0, "good")


def test_what_is_still_open_is_neither_undone_nor_verified() -> None:
    standing = strip(Story().inject(3.0).events)
    undone = strip(Story().inject(3.0).undo(4.0).events)

    assert (standing["undone"].at, standing["undone"].tone) == (None, "bad")
    assert (undone["undone"].at, undone["verified"].tone) == (4.0, "bad")


def test_a_system_that_never_recovered_is_marked_so() -> None:
    events = run(dead_between(12, 99))

    never = strip(events, Back(recovered=False, recovery_time=None))["recovered"]
    unasked = strip(events, Back(recovered=True, recovery_time=None))["recovered"]

    assert (never.at, never.tone) == (None, "bad")
    assert (unasked.at, unasked.tone) == (None, "plain")
