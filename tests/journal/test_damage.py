"""Whatever becomes of a journal's bytes, it is read for what it still proves."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chaos_mcp.events import JournalDamaged, RunEnded
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.line import seal
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read, salvage
from tests.journal.told import RUN, go_on, lay, two_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.events import Event

TOLD = two_faults()
SIZE = len(TOLD.content)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give one folder for all the damaged journals of a property, thousands of them."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        patch.setattr("chaos_mcp.journal.room._fallocate", lambda *_: None)
        yield Path(name)


def whole_lines(size: int) -> list[Event]:
    return [one for one, end in zip(TOLD.events, TOLD.ends, strict=True) if end <= size]


def test_a_cut_at_any_byte_loses_no_fault_that_was_written(folder: Path) -> None:
    for size in range(SIZE + 1):
        events = read(lay(folder, TOLD.content[:size]))

        assert events == whole_lines(size), size
        assert {one.fault for one in open_faults(events)} == TOLD.open_at(size), size


def test_a_journal_torn_at_any_byte_is_gone_on_with_and_has_no_gap(
    folder: Path,
) -> None:
    for size in range(SIZE + 1):
        go_on(lay(folder, TOLD.content[:size]))

        events = read(folder)
        assert events[:-1] == whole_lines(size), size
        assert isinstance(events[-1], RunEnded)
        assert [one.seq for one in events] == list(range(len(events)))
        lines = (folder / FILE).read_bytes().splitlines()
        assert len(lines) == len(events), "a torn end is cut off, not written after"


flips = st.sets(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, 7)), min_size=1, max_size=4
)


@given(flips)
@example({(TOLD.ends[0] - 1, 0)}).via("the end of a line")
@example({(SIZE - 1, 0)}).via("the end of the last line")
@settings(max_examples=400)
def test_flipped_bits_are_said_where_they_are_and_spare_the_other_lines(
    folder: Path, flips: set[tuple[int, int]]
) -> None:
    content = bytearray(TOLD.content)
    for place, bit in flips:
        content[place] ^= 1 << bit

    events = read(lay(folder, bytes(content)))

    assert [_said(one) for one in events] == _expected({place for place, _ in flips})


def _said(event: Event) -> object:
    return event.missing if isinstance(event, JournalDamaged) else event


def _expected(places: set[int]) -> list[object]:
    """Return the lines that were not hit, and between them how many were."""
    said: list[object] = []
    lost, start = 0, 0
    for event, end in zip(TOLD.events, TOLD.ends, strict=True):
        # A line that does not begin behind the end of another is none.
        if places & set(range(start - 1, end)):
            lost += 1
        else:
            said += [lost, event] if lost else [event]
            lost = 0
        start = end
    return said


@given(st.lists(st.binary(max_size=60)))
def test_reading_what_is_no_journal_at_all_finds_nothing(
    folder: Path, lines: list[bytes]
) -> None:
    assert read(lay(folder, b"\n".join(lines))) == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
keys = st.sampled_from(sorted({key for one in TOLD.events for key in one.model_dump()}))


@given(st.sampled_from(TOLD.events), st.dictionaries(keys, values, max_size=3))
@example(TOLD.events[1], {"at": float("nan")})
@example(TOLD.events[1], {"at": float("inf"), "wall": float("inf")})
@example(TOLD.events[1], {"seq": 10**30})
@settings(max_examples=200)
def test_a_line_with_wrong_content_and_a_right_checksum_can_be_read_and_gone_on_with(
    folder: Path, event: Event, wrong: dict[str, Any]
) -> None:
    content = json.dumps({**json.loads(event.model_dump_json()), **wrong}).encode()
    lay(folder, TOLD.lines[0] + seal(content) + seal(b"[" * 5_000 + b"}"))

    before = read(folder)
    journal = go_on(folder)

    assert read(folder) == [*before, journal.events[-1]]


@given(st.data())
@settings(max_examples=100)
def test_time_never_goes_back_whatever_the_clock_on_the_wall_does(
    data: st.DataObject,
) -> None:
    jumps = st.sampled_from([-3600.0, -1.0, 0.0, 0.5, 3600.0])
    wall, ticking = 1_800_000_000.0, 50.0

    def moved() -> float:
        nonlocal wall
        wall += data.draw(jumps)
        return wall

    def tick() -> float:
        nonlocal ticking
        ticking += 0.01
        return ticking

    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("chaos_mcp.journal.log.time.time", moved)
        patch.setattr(os, "fsync", lambda _: None)
        journal = Journal(Path(name), RUN, clock=tick)
        for _ in range(3):
            journal.record(RunEnded())
            journal.record(RunEnded())
            journal.close()
            journal = Journal.reopen(Path(name))
        journal.record(RunEnded())
        journal.close()

        times = [one.at for one in read(Path(name))]

    assert times == sorted(times)
    assert len(times) == 7


@given(
    hurt=st.sets(st.integers(0, SIZE - 1), max_size=3),
    gone=st.sets(st.integers(0, len(TOLD.ends) - 1), max_size=2),
    at_once=st.integers(2, 9),
)
@settings(deadline=None)
def test_lines_read_together_say_what_each_says_alone(
    folder: Path, hurt: set[int], gone: set[int], at_once: int
) -> None:
    content = bytearray(TOLD.content)
    for place in hurt:
        content[place] ^= 1
    lines = bytes(content).splitlines(keepends=True)
    rest = b"".join(one for number, one in enumerate(lines) if number not in gone)
    path = lay(folder, rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chaos_mcp.journal.read.AT_ONCE", at_once)
        together = salvage(path)
        patch.setattr("chaos_mcp.journal.read.AT_ONCE", 1)
        alone = salvage(path)

    assert together == alone
