"""A disk that is full: no new harm, and every undo is still written down."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import (
    FaultUndoing,
    FaultVerified,
    JournalDamaged,
    Noted,
    RunEnded,
)
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.ledger import open_faults
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read
from chaos_mcp.journal.room import RESERVE
from tests.journal.story import NAME, armed
from tests.safety.dead import killed
from tests.safety.disks import PAGE, SIZE, fill, small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


MANY = [FaultUndoing(fault="1-a", name=NAME, attempt=one) for one in range(100)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture(params=["blocks behind the end", "a file beside it"])
def room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the reserve be had in both ways, as file systems differ."""
    if "file" in request.param:
        monkeypatch.setattr("chaos_mcp.journal.room._fallocate", unsupported)
    return str(request.param)


def unsupported(*_: object) -> None:
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")


def begun(folder: Path) -> Journal:
    """Return the journal of a run that has a fault standing."""
    journal = Journal(folder, "r1")
    journal._file.keep_room()  # noqa: SLF001 - what `keep_room` does, without a loop
    journal.record(armed("1-a"))
    return journal


def take_back(journal: Journal) -> None:
    for event in (*MANY, FaultVerified(fault="1-a", name=NAME), RunEnded()):
        journal.record(event)


def chat(journal: Journal) -> None:
    """Write down what nobody needs, until it is refused."""
    for _ in range(SIZE // PAGE):
        journal.record(Noted(message="x" * PAGE))


def closed_without_a_gap(folder: Path) -> bool:
    """Tell whether the journal is whole and nothing is open by it."""
    events = read(folder)
    damaged = any(isinstance(one, JournalDamaged) for one in events)
    return not damaged and len(events) > len(MANY) and not open_faults(events)


def free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@pytest.mark.usefixtures("room")
def test_what_undoes_is_written_down_on_a_full_disk(disk: Path) -> None:
    journal = begun(disk)
    fill(disk)

    take_back(journal)
    journal.close()

    assert closed_without_a_gap(disk)


def test_what_does_not_undo_leaves_the_reserve_alone(disk: Path) -> None:
    journal = begun(disk)
    fill(disk)

    with pytest.raises(JournalFailed, match="No space"):
        chat(journal)
    take_back(journal)
    journal.close()

    assert not open_faults(read(disk))


@pytest.mark.usefixtures("room")
def test_what_another_process_undoes_is_written_down_on_a_full_disk(disk: Path) -> None:
    killed(begun(disk))
    fill(disk)

    recovering = Journal.reopen(disk)
    take_back(recovering)
    recovering.close()

    assert closed_without_a_gap(disk)


def test_cutting_a_torn_end_off_keeps_the_room_behind_it(disk: Path) -> None:
    killed(begun(disk))
    with (disk / FILE).open("ab") as file:
        file.write(b'{"run":"r1","seq":1,"at":')
    fill(disk)

    recovering = Journal.reopen(disk)
    fill(disk)
    take_back(recovering)
    recovering.close()

    assert closed_without_a_gap(disk)


@pytest.mark.usefixtures("room")
def test_a_run_that_ends_over_an_open_fault_leaves_the_room_to_its_guardian(
    disk: Path,
) -> None:
    journal = begun(disk)
    fill(disk)
    journal.close()
    fill(disk)

    guarding = Journal.reopen(disk)
    take_back(guarding)
    guarding.close()

    assert closed_without_a_gap(disk)


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("dies", [True, False])
def test_the_room_is_given_back_once_nothing_is_open(disk: Path, *, dies: bool) -> None:
    before = free(disk)
    journal = begun(disk)
    if dies:
        killed(journal)
        journal = Journal.reopen(disk)

    take_back(journal)
    journal.close()

    assert before - free(disk) <= (disk / FILE).stat().st_size + 2 * PAGE


@pytest.mark.usefixtures("room")
def test_without_room_for_an_undo_nothing_may_be_armed(disk: Path) -> None:
    fill(disk)
    os.truncate(disk / "filler", (disk / "filler").stat().st_size - RESERVE // 2)
    journal = Journal(disk, "r1")
    before = free(disk)

    with pytest.raises(JournalFailed, match="no room to write down an undo"):
        journal._file.keep_room()  # noqa: SLF001 - as above

    journal.close()
    assert before - free(disk) <= PAGE, "and what was had of it is given back"


def broken(call: str, number: int) -> OSError:
    return OSError(number, f"{call}: {os.strerror(number)}")


class BadDisk:
    """Writes half of a line, and then neither the rest nor cuts it off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, cuts: bool) -> None:
        self._write, self._halves = os.write, iter([True, False])
        monkeypatch.setattr(os, "write", self.write)
        if not cuts:
            monkeypatch.setattr(os, "ftruncate", self.cut)

    def write(self, handle: int, data: bytes) -> int:
        if next(self._halves):
            return self._write(handle, data[: len(data) // 2])
        raise broken("write", errno.EIO)

    def cut(self, *_: object) -> None:
        raise broken("ftruncate", errno.EIO)


@pytest.mark.parametrize("cuts", [True, False])
def test_half_a_line_does_not_swallow_the_next_even_where_it_cannot_be_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cuts: bool
) -> None:
    journal = begun(tmp_path)
    with monkeypatch.context() as patch:
        BadDisk(patch, cuts=cuts)
        with pytest.raises(JournalFailed, match="Input/output error"):
            journal.record(Noted(message="lost"))

    take_back(journal)
    journal.close()

    assert closed_without_a_gap(tmp_path)


def test_half_a_line_does_not_cost_the_room_behind_it(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(disk)
    with monkeypatch.context() as patch:
        BadDisk(patch, cuts=True)
        with pytest.raises(JournalFailed, match="Input/output error"):
            journal.record(Noted(message="lost"))
    fill(disk)

    take_back(journal)
    journal.close()

    assert closed_without_a_gap(disk)
