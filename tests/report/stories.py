"""Readings of runs that passed, failed, or were told by a hostile target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.events import (
    ActionFinished,
    FaultArmed,
    FaultInjected,
    ResourcesMeasured,
    RunAborting,
    SafeguardTripped,
    Used,
)
from chaos_mcp.report.reading import read
from tests.journal.story import dead_between, fine
from tests.journal.story import run as whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.report.reading import Reading
    from tests.journal.story import Story

BROKEN = b"\xff\xfe<b>\xc3(".decode("utf-8", "replace")
HOSTILE = (
    "<script>alert(1)</script>\x1b[31m @everyone | `code` \u2028 ]]> {{7*7}} "
    "\u202egnp.exe \u2066"
    f"{BROKEN}"
)
"""Markup, control characters, templates, turned writing, broken UTF-8."""


def dated(events: Sequence[Event]) -> list[Event]:
    """Return events of a day long ago, so that snapshots do not change."""
    return [one.model_copy(update={"wall": 1_700_000_000 + one.at}) for one in events]


def passed() -> Reading:
    return read(dated(whole(fine)))


def failed() -> Reading:
    return read(dated(whole(dead_between(10, 20), threshold=80)))


def unsafe() -> Reading:
    """Read a run that broke off while its fault stood."""
    events = whole(fine)
    cut = next(i for i, one in enumerate(events) if isinstance(one, FaultInjected))
    return read(dated(events[: cut + 1]))


GONE = (22, 24)
"""Seconds in which nobody could tell what the shop used."""


def measured(name: str = "shop", why: str = "it has ended") -> Reading:
    """Read a run whose resources were looked at, for two seconds in vain."""

    def look(second: int) -> ResourcesMeasured:
        gone = GONE[0] <= second < GONE[1]
        known: dict[str, Any] = {"cores": second / 100, "memory": 2**20 * second}
        shop = Used(part="process", name=name, **({"why": why} if gone else known))
        own = Used(part="runner", name="runner", cores=0.05, memory=2**26)
        return ResourcesMeasured(used=[own, shop])

    def looked(story: Story) -> None:
        for second in range(21, 32):
            story.tell(look(second), at=float(second))

    return read(dated(whole(fine, extra=looked)))


def hostile() -> Reading:
    """Read a run in which everything that has a text says something nasty."""
    return stopped(HOSTILE)


def endless(length: int) -> Reading:
    """Read a run in which everything that has a text never comes to its end."""
    return stopped("x" * length)


def stopped(said: str) -> Reading:
    """Read a run that a safeguard stopped; all its texts are one that others said."""
    story = whole(dead_between(10, 20))
    events: list[Event] = [_saying(said, event) for event in story]
    at = events[-1].at
    more: list[Any] = [
        SafeguardTripped(name=said, why=said),
        RunAborting(cause="safeguard", reason=said),
        ActionFinished(
            name=said,
            role="rollback",
            status="failed",
            output=said,
            error=said,
        ),
    ]
    last = [
        one.model_copy(update={"run": "r", "seq": len(events) - 1 + n, "at": at})
        for n, one in enumerate(more)
    ]
    ended = events[-1].model_copy(update={"seq": len(events) - 1 + len(more)})
    return read(dated([*events[:-1], *last, ended]))


def _saying(said: str, event: Event) -> Event:
    names = ("name", "title", "why", "file", "expected", "target")
    found: dict[str, Any] = {
        name: said for name in names if getattr(event, name, None) is not None
    }
    if event.kind.startswith("workload"):
        return event
    if isinstance(event, FaultArmed):
        found["memo"] = {said: said}
    if hasattr(event, "evidence"):
        found["evidence"] = {said: said}
    if hasattr(event, "value"):
        found["value"] = {said: said}
    return event.model_copy(update=found)
