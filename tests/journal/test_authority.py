"""The right to act: held while something is done, and taken away for good."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.errors import JournalTaken
from chaos_mcp.events import RunStarted
from chaos_mcp.journal import handles
from chaos_mcp.journal.authority import FILE, Authority, take_away, taken
from chaos_mcp.journal.log import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def refusal(number: int) -> Callable[..., Any]:
    """Return what fails as the system does."""

    def refuse(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    made = Authority(tmp_path)
    yield made
    made.close()


def test_what_was_taken_away_is_lost_for_good(
    authority: Authority, tmp_path: Path
) -> None:
    assert take_away(tmp_path, "it hangs")

    for _ in range(2):
        with (
            pytest.raises(JournalTaken, match="the guardian has taken"),
            authority.held(),
        ):
            pytest.fail("it acted")
    assert authority.lost
    assert taken(tmp_path)
    assert (tmp_path / FILE).read_text("utf-8") == "it hangs\n"


def test_nobody_loses_it_by_making_use_of_it(
    authority: Authority, tmp_path: Path
) -> None:
    with authority.held():
        pass

    assert not authority.lost
    assert not taken(tmp_path)
    assert take_away(tmp_path, "it hangs", patience=0)


def test_it_is_not_taken_from_whoever_is_in_the_middle_of_something(
    authority: Authority, tmp_path: Path
) -> None:
    with authority.held():
        had = take_away(tmp_path, "it hangs", patience=0.05)

    assert not had
    assert not authority.lost
    with authority.held():
        pass


def test_what_is_done_within_something_else_does_not_let_it_go(
    authority: Authority, tmp_path: Path
) -> None:
    with authority.held():
        with authority.held():
            pass
        had = take_away(tmp_path, "it hangs", patience=0)

    assert not had
    assert take_away(tmp_path, "it hangs", patience=0)


def test_whoever_takes_it_waits_for_what_is_under_way(
    authority: Authority, tmp_path: Path
) -> None:
    done = []
    with authority.held():
        thread = threading.Thread(
            target=lambda: done.append(take_away(tmp_path, "it hangs", patience=30))
        )
        thread.start()
        time.sleep(0.05)
        assert not done
        assert not taken(tmp_path)
    thread.join()

    assert done == [True]
    assert authority.lost


def test_what_goes_wrong_meanwhile_lets_it_go(
    authority: Authority, tmp_path: Path
) -> None:
    with pytest.raises(ZeroDivisionError), authority.held():
        raise ZeroDivisionError

    assert take_away(tmp_path, "it hangs", patience=0)


def test_whoever_was_refused_does_not_keep_it(
    authority: Authority, tmp_path: Path
) -> None:
    take_away(tmp_path, "it hangs")
    with pytest.raises(JournalTaken), authority.held():
        pass

    assert take_away(tmp_path, "it hangs still", patience=0)


def test_it_is_refused_if_it_is_taken_while_one_waits_for_it(
    authority: Authority, tmp_path: Path
) -> None:
    """Between the look and the lock, somebody else had the lock."""
    handle = os.open(tmp_path / FILE, os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    refused: list[str] = []

    def act() -> None:
        try:
            with authority.held():
                refused.append("it acted")
        except JournalTaken:
            refused.append("it was refused")

    thread = threading.Thread(target=act)
    thread.start()
    time.sleep(0.05)
    assert not refused
    os.write(handle, b"it hangs\n")
    os.close(handle)
    thread.join()

    assert refused == ["it was refused"]
    assert take_away(tmp_path, "it hangs still", patience=0), "and let it go"


def test_one_that_is_closed_can_do_nothing(authority: Authority) -> None:
    authority.close()
    authority.close()

    assert authority.lost
    with pytest.raises(JournalTaken), authority.held():
        pytest.fail("it acted")


def test_a_run_without_it_has_none_that_could_be_taken(tmp_path: Path) -> None:
    assert not take_away(tmp_path, "it hangs")
    assert not taken(tmp_path)
    assert not (tmp_path / FILE).exists()


def test_where_files_cannot_be_locked_it_cannot_be_taken(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", refusal(errno.ENOTSUP))
    with authority.held():
        pass

    assert not take_away(tmp_path, "it hangs", patience=0)
    assert not authority.lost


def test_it_can_be_taken_on_a_full_disk(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", refusal(errno.ENOSPC))
        assert take_away(tmp_path, "it hangs", patience=0)

    assert authority.lost


def test_it_is_on_the_disk_before_anybody_acts_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Authority(tmp_path).close()
    monkeypatch.setattr(os, "fsync", refusal(errno.EIO))

    assert not take_away(tmp_path, "it hangs", patience=0)


def forked(work: Callable[[], None]) -> int:
    """Do something in a forked child; return 0 if it went well."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def is_open(handle: int) -> bool:
    try:
        os.fstat(handle)
    except OSError:
        return False
    return True


def test_whoever_dies_in_the_middle_lets_it_go_whatever_he_has_forked(
    tmp_path: Path,
) -> None:
    reading, writing = os.pipe()

    def die() -> None:
        with Authority(tmp_path).held():
            if os.fork():
                os._exit(0)
            os.read(reading, 1)  # the child's child lives on
            os._exit(0)

    assert forked(die) == 0
    try:
        assert take_away(tmp_path, "it died", patience=30)
    finally:
        os.write(writing, b"x")
        os.close(reading)
        os.close(writing)


def test_a_forked_child_closes_what_is_kept_and_nothing_else(tmp_path: Path) -> None:
    kept = handles.keep(os.open(tmp_path, os.O_RDONLY))
    other = os.open(tmp_path, os.O_RDONLY)

    def look() -> None:
        assert is_open(other)
        assert not is_open(kept)

    assert forked(look) == 0
    assert is_open(kept)
    handles.close(kept)
    assert not is_open(kept)
    os.close(other)


def test_a_number_that_is_used_again_is_somebody_else_s(tmp_path: Path) -> None:
    number = handles.keep(os.open(tmp_path, os.O_RDONLY))
    handles.close(number)
    again = os.open(tmp_path, os.O_RDONLY)
    assert again == number

    def look() -> None:
        assert is_open(again)

    assert forked(look) == 0
    os.close(again)


def test_a_child_s_child_closes_nothing_of_its_parent(tmp_path: Path) -> None:
    kept = handles.keep(os.open(tmp_path, os.O_RDONLY))

    def look() -> None:
        os.dup2(os.open(tmp_path, os.O_RDONLY), kept)  # its number is another's now

        def look_again() -> None:
            assert is_open(kept)

        assert forked(look_again) == 0

    assert forked(look) == 0
    handles.close(kept)


def test_closing_what_there_is_not_does_nothing() -> None:
    handles.close(-1)


def test_nothing_is_written_once_it_was_taken(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "r1", authority=Authority(tmp_path))
    journal.record(RunStarted(title="it", experiment={}))
    before = (tmp_path / "events.jsonl").read_bytes()
    take_away(tmp_path, "it hangs")

    with pytest.raises(JournalTaken):
        journal.record(RunStarted(title="again", experiment={}))

    assert journal.taken
    assert (tmp_path / "events.jsonl").read_bytes() == before
    assert len(journal.events) == 1
    journal.close()
