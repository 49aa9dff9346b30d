"""A whole record, of which each reading is worked out once, however many ask for it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chaos_mcp.events import Event

T = TypeVar("T")
E = TypeVar("E", bound="Iterable[Event]")


class Record(tuple["Event", ...]):  # noqa: SLOT001 - what was read off it has room
    """The events of a run that do not change any more, and what was read off them.

    It is a tuple like any other; only functions made by `once` know more of it.
    """

    known: dict[object, object]

    def __new__(cls, events: Iterable[Event] = ()) -> Self:
        """Take events as they are; a record stays the same one."""
        if type(events) is cls:
            return events
        record = super().__new__(cls, events)
        record.known = {}
        return record


def once(reading: Callable[[E], T]) -> Callable[[E], T]:
    """Return a reading that looks at a `Record` only the first time it is asked.

    It must be pure, and what it gives must not be changed by who gets it.
    """

    @wraps(reading)
    def remembered(events: E) -> T:
        if not isinstance(events, Record):
            return reading(events)
        if reading not in events.known:
            events.known[reading] = reading(events)
        known: T = events.known[reading]  # type: ignore[assignment]
        return known

    return remembered
