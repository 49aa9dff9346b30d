"""What runs leave word of for each other: who they are, what they hold, the halt."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.errors import ChaosError, FaultRefused
from chaos_mcp.journal.file import JournalFile, locked
from chaos_mcp.machine import identity, index, place
from chaos_mcp.machine.halt import halt, halted, resume
from chaos_mcp.machine.identity import Identity, identity_from, identity_of
from chaos_mcp.machine.tagged import tagged

if TYPE_CHECKING:
    from chaos_mcp.machine.index import Entry


@pytest.fixture(autouse=True)
def own(state: Path) -> Path:
    return state


def entry(run: str, **changes: object) -> Entry:
    made = index.entry_of_us(run, Path("runs") / run, "it", 10, signals=True)
    return replace(made, **changes)  # type: ignore[arg-type]


def always(_: Entry) -> bool:
    return True


def never(_: Entry) -> bool:
    return False


def test_we_are_alive() -> None:
    assert identity_of(os.getpid()).alive()


def test_a_process_that_has_ended_is_not() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1) as child:
        who = identity_of(child.pid)
        assert who.alive()
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

        assert not who.alive()  # dead, and not even waited for


@pytest.mark.parametrize("changed", ["birth", "boot"])
def test_a_namesake_is_somebody_else(changed: str) -> None:
    us = identity_of(os.getpid())

    assert not replace(us, **{changed: "another"}).alive()  # type: ignore[arg-type]


def test_of_a_process_in_another_container_we_cannot_know() -> None:
    us = identity_of(os.getpid())

    assert us.knowable()
    assert not replace(us, space="pid:[1]").knowable()
    assert replace(us, space="pid:[1]", boot="before").knowable()


def test_an_identity_survives_json() -> None:
    us = identity_of(os.getpid())

    assert identity_from(us.as_json()) == us


@pytest.mark.parametrize("written", [None, [], {}, {"pid": "x"}, 7, {"pid": 1}])
def test_what_is_no_identity_is_none(written: object) -> None:
    assert identity_from(written) is None


def test_without_proc_the_library_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "PROC", Path("/nowhere"))

    us = identity_of(os.getpid())

    assert us.alive()
    assert float(us.boot) > 0
    assert not Identity(2**22 + 1, "1", us.boot).alive()


def test_processes_are_found_by_what_they_were_started_with() -> None:
    environment = {**os.environ, "CHAOS_TEST": "x1"}
    command = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, env=environment) as child:
        assert child.stdout is not None
        child.stdout.readline()

        assert tagged("CHAOS_TEST", "x1") == [child.pid]
        assert tagged("CHAOS_TEST", "x") == []
        assert tagged("CHAOS_TEST", "x1", leader=child.pid) == []
        assert tagged("CHAOS_TEST", "x1", leader=os.getpgid(0)) == [child.pid]
        child.kill()
        child.wait()

        assert tagged("CHAOS_TEST", "x1") == []


def test_the_folder_is_the_one_that_is_named(
    state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert place.state_folder() == state
    monkeypatch.delenv(place.VARIABLE)
    monkeypatch.setenv(place.XDG, str(tmp_path / "xdg"))
    assert place.state_folder() == tmp_path / "xdg" / "chaos-mcp"
    monkeypatch.delenv(place.XDG)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert place.state_folder() == tmp_path / "home" / ".local" / "state" / "chaos-mcp"


def test_an_entry_is_read_as_it_was_written() -> None:
    written = entry("r1", claims={"1-none": ("proxy:cache of http://x",)})
    index.register(written)

    read = index.entries()[0]

    assert replace(read, renewed=0.0) == written
    assert read.renewed > 0


def test_what_was_forgotten_is_gone() -> None:
    index.register(entry("r1"))
    index.forget("r1")
    index.forget("r1")

    assert index.entries() == []


def test_a_sign_of_life_is_seen() -> None:
    index.register(entry("r1"))
    first = index.entries()[0]
    os.utime(first.place, (1, 1))

    index.renew(first)

    assert index.entries()[0].renewed >= first.renewed


def test_who_comes_second_is_refused_and_told_by_whom() -> None:
    index.register(entry("r1"))
    index.register(entry("r2"))
    index.claim("r1", "1-none", ("door a", "door b"), always)

    with pytest.raises(FaultRefused, match="door b is held by the run r1"):
        index.claim("r2", "1-none", ("door b", "door c"), always)

    index.claim("r2", "1-none", ("door c",), always)


def test_two_faults_of_one_run_may_have_one_target() -> None:
    index.register(entry("r1"))
    index.claim("r1", "1-none", ("door",), always)
    index.claim("r1", "2-none", ("door",), always)
    index.release("r1", "1-none")

    assert index.entries()[0].claims == {"2-none": ("door",)}


def test_what_was_given_back_can_be_taken() -> None:
    index.register(entry("r1"))
    index.register(entry("r2"))
    index.claim("r1", "1-none", ("door",), always)
    index.release("r1", "1-none")

    index.claim("r2", "1-none", ("door",), always)


def test_a_dead_run_that_left_nothing_holds_nothing() -> None:
    index.register(entry("r1"))
    index.register(entry("r2"))
    index.claim("r1", "1-none", ("door",), always)

    index.claim("r2", "1-none", ("door",), never)


def test_a_halt_stands_until_it_is_lifted() -> None:
    assert halted() is None
    made = halt("incident")

    assert halted() == made
    assert resume() == made
    assert halted() is None
    assert resume() is None


def test_nothing_half_written_is_ever_seen(state: Path) -> None:
    folder = place.state_folder()
    with pytest.raises(ChaosError, match="cannot write"):
        place.put(folder / "no" / "file.json", "{}")

    assert list(state.iterdir()) == []


def test_a_journal_is_written_by_one_at_a_time(tmp_path: Path) -> None:
    file = JournalFile.create(tmp_path)

    assert locked(tmp_path) is True
    file.close()
    assert locked(tmp_path) is False
    assert locked(tmp_path / "nowhere") is None


def _sleep(started: object, end: object) -> None:
    started.set()  # type: ignore[attr-defined]
    end.wait(30)  # type: ignore[attr-defined]


def test_a_fork_of_the_runner_does_not_hold_its_journal(tmp_path: Path) -> None:
    file = JournalFile.create(tmp_path)
    context = multiprocessing.get_context("fork")
    started, end = context.Event(), context.Event()
    child = context.Process(target=_sleep, args=(started, end))
    child.start()
    assert started.wait(10)

    file.close()

    assert locked(tmp_path) is False
    end.set()
    child.join(10)
