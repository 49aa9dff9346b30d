"""The guardian: ready before harm, deaf to signals, patient, gone when it is done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from chaos_mcp.engine.guarding import GuardianProcess
from chaos_mcp.engine.injection import Injections
from chaos_mcp.engine.watched import Watch
from chaos_mcp.errors import PartMissing
from chaos_mcp.events import (
    FaultArmed,
    FaultVerified,
    RunAborting,
    RunStarted,
    RunTakenOver,
)
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read
from tests.engine.fakes import Doors, OpenDoor, harm, world_with
from tests.running import only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.safety.bench import Bench

LEASE = 1.0
WITHIN = 20.0


@pytest.mark.parametrize("word", ["bye", "left"])
def test_words_are_understood_however_they_are_cut(word: str) -> None:
    text = f".\na 1-none 30.5\n.\nc 1-none\na 2-none 9\n{word}\n".encode()
    for cut in range(len(text)):
        watch = Watch(lease=1, heard=0)

        signs = watch.hear(text[:cut], 5) + watch.hear(text[cut:], 6)

        assert signs == 2
        assert watch.word == word
        assert watch.heard == 6
        assert list(watch.until) == ["2-none"]


def test_nothing_is_due_while_nothing_stands() -> None:
    watch = Watch(lease=1, heard=0)

    assert watch.due() is None
    assert watch.overdue(1000) == ""


def test_silence_is_due_after_a_lease() -> None:
    watch = Watch(lease=2, heard=0)
    watch.hear(b"a 1-none 100\n", 10)

    assert watch.due() == 12
    assert watch.overdue(11.9) == ""
    assert watch.overdue(12) == "the runner gave no sign of life for 2.0 s"


def test_an_expiry_is_due_however_lively_the_runner_is() -> None:
    watch = Watch(lease=2, heard=0)
    watch.hear(b"a 1-none 3\n", 10)
    watch.hear(b".\n", 13)

    assert watch.overdue(13) == "a fault stood past the time by which it had to be gone"


class Late:
    """A guardian that takes its time, and notes what it is told."""

    def __init__(self, doors: Doors, error: str = "") -> None:
        self.doors, self.error = doors, error
        self.seen: list[str] = []

    async def listening(self) -> None:
        self.seen.append(f"listening, {len(self.doors.log)} things done before")

    async def ready(self) -> None:
        self.seen.append(f"ready, {len(self.doors.log)} things done before")
        if self.error:
            raise PartMissing(self.error)

    def armed(self, fault: str, seconds: float) -> None:
        self.seen.append(f"armed {fault} {seconds:g}, {sorted(self.doors.opened)}")

    def closed(self, fault: str) -> None:
        self.seen.append(f"closed {fault}, {sorted(self.doors.opened)}")


def guarded(folder: Path, doors: Doors, guardian: Late) -> Injections:
    journal = Journal(folder, "r1")
    made = Injections(journal, world_with(doors), Scope())
    made.guardian = guardian
    return made


@pytest.mark.anyio
async def test_nothing_is_looked_at_before_the_guardian_is_ready(
    tmp_path: Path,
) -> None:
    doors = Doors()
    guardian = Late(doors)
    injections = guarded(tmp_path, doors, guardian)

    await injections.inflict(harm("a", hold=5))
    await injections.undo_all()

    assert guardian.seen == [
        "ready, 0 things done before",
        "armed 1-door.open 35, []",
        "closed 1-door.open, []",
    ]


@pytest.mark.anyio
async def test_what_ends_with_us_waits_only_for_a_guardian_that_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenDoor, "ends_with_us", lambda *_: True)
    doors = Doors()
    guardian = Late(doors)
    injections = guarded(tmp_path, doors, guardian)

    await injections.inflict(harm("a", hold=5))
    await injections.undo_all()

    assert guardian.seen[0] == "listening, 0 things done before"


@pytest.mark.anyio
async def test_nothing_is_injected_without_a_guardian(tmp_path: Path) -> None:
    doors = Doors()
    injections = guarded(tmp_path, doors, Late(doors, "it is not there"))

    with pytest.raises(PartMissing, match="it is not there"):
        await injections.inflict(harm("a"))

    assert not doors.log


@contextmanager
def guarding(folder: Path, lease: float = LEASE) -> Iterator[Guarded]:
    """Guard a process that does nothing, over a run that has one fault open."""
    runner = subprocess.Popen([shutil.which("sleep") or "sleep", "60"])
    journal = Journal(folder, "r1")
    journal.record(RunStarted(title="it", experiment={}))
    journal.record(
        FaultArmed(
            fault="1-none",
            name="nothing",
            spec={"fault": "none"},
            memo={},
            owner="chaos-r1-1",
            lease=lease,
            expires=time.time() + 60,
        )
    )
    journal.close()
    process = subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "chaos_mcp.engine.guardian"),
            *(str(folder), str(runner.pid), str(lease), "none", ""),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert process.stdout.readline() == b"warm\n"
        yield Guarded(folder, runner, process)
    finally:
        for one in (process, runner):
            one.kill()
            one.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


class Guarded:
    """A guardian, what it guards, and what it should take back."""

    def __init__(
        self, folder: Path, runner: subprocess.Popen[bytes], process: Any
    ) -> None:
        self.folder, self.runner, self.process = folder, runner, process

    def tell(self, text: str) -> None:
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def why(self) -> str:
        """Return why it took over, once it has left, having taken everything back."""
        assert self.process.wait(WITHIN) == 0
        events = read(self.folder)
        assert only(events, FaultVerified)
        return only(events, RunTakenOver)[0].why


def test_a_killed_runner_is_taken_over(tmp_path: Path) -> None:
    with guarding(tmp_path) as guarded:
        guarded.tell("a 1-none 60\n")
        guarded.runner.kill()

        assert guarded.why() == "the runner died"


def test_a_runner_that_closes_its_pipe_is_ended_and_taken_over(tmp_path: Path) -> None:
    with guarding(tmp_path) as guarded:
        guarded.process.stdin.close()

        assert guarded.why() == "the runner died"
        assert guarded.runner.wait(WITHIN) == -signal.SIGKILL


def test_a_silent_runner_is_ended_before_anything_is_undone(tmp_path: Path) -> None:
    with guarding(tmp_path) as guarded:
        guarded.tell("a 1-none 60\n")
        os.kill(guarded.runner.pid, signal.SIGSTOP)

        assert guarded.why().startswith("the runner gave no sign of life")
        assert guarded.runner.wait(WITHIN) == -signal.SIGKILL


def test_a_fault_past_its_expiry_is_taken_back_under_a_lively_runner(
    tmp_path: Path,
) -> None:
    with guarding(tmp_path, lease=60) as guarded:
        guarded.tell(".\na 1-none 0.2\n")

        assert "past the time" in guarded.why()
        assert guarded.runner.wait(WITHIN) == -signal.SIGKILL


def test_what_a_run_has_left_open_is_tried_again_without_ending_anybody(
    tmp_path: Path,
) -> None:
    with guarding(tmp_path) as guarded:
        guarded.tell("left\n")

        assert guarded.why() == "the runner could not take everything back"
        assert guarded.runner.poll() is None


def test_it_leaves_when_the_run_is_over(tmp_path: Path) -> None:
    with guarding(tmp_path) as guarded:
        guarded.tell("a 1-none 60\nc 1-none\nbye\n")

        assert guarded.process.wait(WITHIN) == 0
        assert not only(read(tmp_path), RunTakenOver)
        assert guarded.runner.poll() is None


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "SIGTERM"])
def test_no_signal_but_sigkill_ends_it(tmp_path: Path, name: str) -> None:
    with guarding(tmp_path) as guarded:
        guarded.process.send_signal(signal.Signals[name])
        guarded.tell(".\n")

        assert guarded.process.stdout.read(1) == b"."
        assert guarded.process.poll() is None


def test_it_waits_for_whoever_takes_the_run_back_already(tmp_path: Path) -> None:
    with guarding(tmp_path) as guarded:
        journal = Journal.reopen(tmp_path)
        guarded.runner.kill()
        log = tmp_path / "guardian.log"
        end = time.monotonic() + WITHIN
        while not log.exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        assert "JournalBusy" in log.read_text("utf-8")
        assert guarded.process.poll() is None
        journal.close()

        assert guarded.why() == "the runner died"


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def loaded_by(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text("utf-8")


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.anyio
async def test_it_has_a_session_of_its_own_and_no_mark_of_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNNER_TRACKING_ID", "github_1")
    monkeypatch.setenv("CHAOS_RUN", "outer")
    journal = Journal(tmp_path, "r1")
    guardian = GuardianProcess(tmp_path, LEASE, ("none",))
    async with anyio.create_task_group() as tasks:
        await tasks.start(guardian.run)
        await guardian.ready()
        pid = guardian.pid

        environment = environment_of(pid)
        assert os.getsid(pid) == pid
        assert b"RUNNER_TRACKING_ID" not in environment
        assert b"CHAOS_RUN=" not in environment
        journal.close()
        await guardian.release(left=False)

    assert not exists(pid)


@pytest.mark.anyio
async def test_one_that_was_ended_is_replaced_and_knows_what_stands(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path, "r1")
    guardian = GuardianProcess(tmp_path, LEASE, ("none",))
    async with anyio.create_task_group() as tasks:
        await tasks.start(guardian.run)
        await guardian.ready()
        first = guardian.pid
        os.kill(first, signal.SIGKILL)
        with anyio.fail_after(WITHIN):
            while guardian.pid in (0, first):  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.01)

        await guardian.ready()
        assert "pydantic_core" in loaded_by(guardian.pid), "ready before it can undo"
        journal.close()
        await guardian.release(left=False)


@pytest.mark.anyio
async def test_one_that_hangs_is_replaced(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "r1")
    guardian = GuardianProcess(tmp_path, LEASE, ("none",))
    async with anyio.create_task_group() as tasks:
        await tasks.start(guardian.run)
        await guardian.ready()
        first = guardian.pid
        os.kill(first, signal.SIGSTOP)
        with anyio.fail_after(WITHIN):
            while guardian.pid in (0, first):  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.01)

        assert not exists(first)
        journal.close()
        await guardian.release(left=False)


@pytest.mark.anyio
async def test_without_any_that_lives_the_run_is_told_to_stop(tmp_path: Path) -> None:
    lost: list[str] = []
    guardian = GuardianProcess(tmp_path, LEASE, ("none",), lost=lost.append)
    async with anyio.create_task_group() as tasks:
        await tasks.start(guardian.run)
        with anyio.fail_after(WITHIN):
            while not lost:
                if guardian.pid:
                    os.kill(guardian.pid, signal.SIGKILL)
                await anyio.sleep(0.01)

        assert lost == ["the guardian was ended again and again"]
        assert guardian.pid == 0, "one that nobody keeps would end the run"
        with pytest.raises(PartMissing, match="again and again"):
            await guardian.ready()
        await guardian.release(left=False)


def test_a_run_whose_guardian_cannot_live_injects_nothing_more(bench: Bench) -> None:
    victim = bench.start("arm:1:guardian")

    assert victim.wait() == 0
    assert not only(victim.events(), RunAborting)
    assert victim.as_before()
    victim.close()
