"""The journal keeps what happened, and nothing that did not."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import JournalDamaged, Noted, PhaseStarted, RunEnded
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.line import seal, unseal
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.events import Event


def written(folder: Path, count: int = 5) -> bytes:
    journal = Journal(folder, "r1")
    for number in range(count):
        journal.record(Noted(message=f"number {number}"))
    journal.close()
    return (folder / FILE).read_bytes()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "r1")
    journal.record(PhaseStarted(phase="baseline"))
    journal.record(RunEnded())
    journal.close()

    assert read(tmp_path) == journal.events
    assert [one.seq for one in journal.events] == [0, 1]


def test_a_journal_cut_at_any_byte_gives_its_whole_lines(tmp_path: Path) -> None:
    whole = written(tmp_path)

    for length in range(len(whole)):
        (tmp_path / FILE).write_bytes(whole[:length])

        assert len(read(tmp_path)) == whole[:length].count(b"\n")


def test_a_damaged_line_is_said_and_what_follows_it_is_kept(tmp_path: Path) -> None:
    lines = written(tmp_path).split(b"\n")
    lines[2] = lines[2].replace(b"number 2", b"number 7")
    (tmp_path / FILE).write_bytes(b"\n".join(lines))

    found = read(tmp_path)

    assert [one.seq for one in found] == [0, 1, 2, 3, 4]
    damaged = found[2]
    assert isinstance(damaged, JournalDamaged)
    assert (damaged.missing, damaged.line) == (1, 3)


def test_missing_lines_are_counted(tmp_path: Path) -> None:
    lines = written(tmp_path).split(b"\n")
    (tmp_path / FILE).write_bytes(b"\n".join([lines[0], *lines[3:]]))

    found = read(tmp_path)

    assert [one.kind for one in found[:3]] == ["noted", "journal.damaged", "noted"]
    assert isinstance(found[1], JournalDamaged)
    assert found[1].missing == 2


def test_a_damaged_end_is_torn_and_no_evidence(tmp_path: Path) -> None:
    lines = written(tmp_path).split(b"\n")
    (tmp_path / FILE).write_bytes(b"\n".join([*lines[:3], b"\0" * 40, b"{}", b""]))

    assert [one.seq for one in read(tmp_path)] == [0, 1, 2]


def test_lines_of_another_run_are_no_evidence(tmp_path: Path) -> None:
    mine = written(tmp_path, 2)
    (tmp_path / "other").mkdir()
    journal = Journal(tmp_path / "other", "r2")
    for number in range(3):
        journal.record(Noted(message=f"other {number}"))
    journal.close()
    others = (tmp_path / "other" / FILE).read_bytes().split(b"\n")
    (tmp_path / FILE).write_bytes(mine + others[2] + b"\n")

    assert [one.run for one in read(tmp_path)] == ["r1", "r1"]


def test_half_a_line_is_taken_back_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, "r1")
    real, calls = os.write, iter([True, False])

    def half(file: int, data: bytes) -> int:
        if next(calls):
            return real(file, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(JournalFailed):
            journal.record(Noted(message="lost"))
    journal.record(Noted(message="kept"))
    journal.close()

    assert [one.message for one in read(tmp_path) if isinstance(one, Noted)] == ["kept"]


def test_a_journal_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalFailed, match="cannot read"):
        read(tmp_path / "nowhere")


def test_listeners_hear_each_event_as_it_was_stamped(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "r1")
    heard: list[Event] = []
    journal.listeners.append(heard.append)

    journal.record(RunEnded())
    journal.close()

    assert heard == journal.events
    assert heard[0].run == "r1"


@given(st.binary(min_size=1).filter(lambda text: b"\n" not in text))
def test_sealing_and_unsealing_gives_the_same(text: bytes) -> None:
    body = b'{"x":' + text + b"}"

    assert unseal(seal(body)) == body


@given(st.integers(0, 60), st.integers(0, 7))
def test_a_flipped_bit_is_noticed(place: int, bit: int) -> None:
    line = bytearray(seal(b'{"kind":"noted","message":"something happened"}'))
    line[place % len(line)] ^= 1 << bit

    assert unseal(bytes(line)) is None
