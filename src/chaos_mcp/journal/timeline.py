"""The incident timeline: what happened, in order, without repeating itself."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from chaos_mcp.events import ProbeMeasured, RunEnded
from chaos_mcp.journal.answers import answers
from chaos_mcp.journal.killed import kills
from chaos_mcp.journal.model import Moment
from chaos_mcp.journal.sentences import moment
from chaos_mcp.journal.workloads import any_traffic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event


def timeline(
    events: Sequence[Event], telling: Sequence[Event] | None = None
) -> tuple[Moment, ...]:
    """Return the moments of a run, in the order in which they came.

    A probe is a moment when it is first asked and when its verdict changes, not each
    time it says the same again. When traffic turned is worked out from the samples,
    for which `telling` will do: the events that other readings look at.
    """
    telling = events if telling is None else telling
    meant = kills(telling)
    told = [
        found
        for event in _changes(events)
        if (found := meant.get(event.seq) or moment(event))
    ]
    if any_traffic(telling):
        from chaos_mcp.journal.impact import moments  # noqa: PLC0415 - no need else

        told += moments(telling)
    told.sort(key=lambda one: (one.at, one.seq))
    return (*told, *_broken_off(events))


def _changes(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events without measurements that say what the last one said."""
    yield from [event for event in events if not isinstance(event, ProbeMeasured)]
    for asked in answers(events).values():
        for _, alike in groupby(asked, attrgetter("verdict")):
            yield next(alike)


def _broken_off(events: Sequence[Event]) -> Iterator[Moment]:
    if not events or any(isinstance(event, RunEnded) for event in reversed(events)):
        return
    last = events[-1]
    title = "the journal ends here: the runner did not reach its end"
    yield Moment(last.seq, last.at, "run", "bad", title)
