"""Courses of what parts used: aligned in time, and unknown where nobody knew."""

from __future__ import annotations

from chaos_mcp.events import ResourcesMeasured, RunEnded, Used
from chaos_mcp.journal.model import Window
from chaos_mcp.journal.resources import courses
from tests.journal.story import Story


def runner(cores: float) -> Used:
    return Used(part="runner", name="runner", cores=cores, memory=100)


def shop(cores: float | None, memory: int | None, why: str = "") -> Used:
    return Used(part="process", name="shop", cores=cores, memory=memory, why=why)


STORY = (
    Story()
    .begin()
    .tell(ResourcesMeasured(used=[runner(0.1)]), at=1.0)
    .tell(ResourcesMeasured(used=[runner(0.3), shop(0.5, 7)]), at=2.0)
    .tell(ResourcesMeasured(used=[runner(0.2), shop(None, None, "gone")]), at=3.0)
    .tell(RunEnded(), at=4.0)
)


def test_all_courses_have_the_same_moments() -> None:
    found = courses(STORY.events)

    assert [one.label for one in found] == ["the runner", "shop"]
    assert {one.at for one in found} == {(1.0, 2.0, 3.0)}
    assert found[1].cores == (None, 0.5, None)


def test_the_most_and_the_mean_are_of_what_was_known() -> None:
    ours, theirs = courses(STORY.events)

    assert (ours.most_cores, ours.most_memory, ours.unknown) == (0.3, 100, 0)
    assert (theirs.most_cores, theirs.most_memory, theirs.unknown) == (0.5, 7, 2)
    assert theirs.whys == ("gone",)
    assert ours.mean_cores(Window(1.5, 3.0)) == 0.25
    assert theirs.mean_cores(Window(2.5, 3.0)) is None
    assert ours.mean_cores(None) is None


def test_what_was_never_known_has_no_figure_at_all() -> None:
    story = Story().begin().tell(ResourcesMeasured(used=[shop(None, None, "gone")]))

    (found,) = courses(story.events)

    assert (found.most_cores, found.most_memory, found.unknown) == (None, None, 1)


def test_a_journal_of_old_has_none() -> None:
    assert courses(Story().begin().end().events) == ()
