"""A record is read once, and what is no record is read each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.journal.record import Record, once
from tests.journal.story import fine, run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaos_mcp.events import Event


class Counting:
    """A reading that counts how often it was made."""

    def __init__(self) -> None:
        self.times = 0
        self.of = once(self._of)

    def _of(self, events: Iterable[Event]) -> int:
        self.times += 1
        return len(list(events))


def test_a_record_is_read_once() -> None:
    reading, record = Counting(), Record(run(fine))

    assert reading.of(record) == reading.of(record) == len(record)
    assert reading.times == 1


def test_a_record_of_a_record_is_the_same() -> None:
    record = Record(run(fine))

    assert Record(record) is record


def test_two_records_are_read_apart() -> None:
    reading, events = Counting(), run(fine)

    assert reading.of(Record(events)) != reading.of(Record(events[:3]))


def test_a_list_that_may_still_grow_is_read_each_time() -> None:
    reading, events = Counting(), run(fine)

    before = reading.of(events)
    events.pop()

    assert reading.of(events) == before - 1
