"""A guardian that was started before it is known what it will guard."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from chaos_mcp.engine.guarding import GuardianProcess
from chaos_mcp.engine.spare import LONGEST, Spare
from chaos_mcp.errors import PartMissing
from chaos_mcp.events import FaultArmed, FaultVerified, RunStarted, RunTakenOver
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read
from tests.running import only

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHIN = 30.0


@pytest.fixture
def spare() -> Iterator[Spare]:
    made = Spare()
    yield made
    made.dismiss()


def gone(pid: int) -> bool:
    """Tell whether a process has ended, waited for or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return True
    return state[0] == "Z"


def ends(pid: int) -> bool:
    end = time.monotonic() + WITHIN
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return gone(pid)


@pytest.mark.anyio
async def test_it_guards_what_it_is_told_of(spare: Spare, tmp_path: Path) -> None:
    pid = spare.pid
    guardian = GuardianProcess(tmp_path, 60.0, ("none",), spare=spare)
    async with anyio.create_task_group() as tasks:
        await tasks.start(guardian.run)
        await guardian.ready()

        assert guardian.pid == pid
        await guardian.release(left=False)

    assert ends(pid)


@pytest.mark.anyio
async def test_one_that_was_ended_before_it_was_needed_is_replaced(
    spare: Spare, tmp_path: Path
) -> None:
    os.kill(spare.pid, signal.SIGKILL)
    guardian = GuardianProcess(tmp_path, 60.0, ("none",), spare=spare)
    async with anyio.create_task_group() as tasks:
        await tasks.start(guardian.run)
        with anyio.fail_after(WITHIN):
            await guardian.ready()
            await guardian.load("network.latency")
        await guardian.release(left=False)


@pytest.mark.anyio
async def test_nothing_is_loaded_by_one_that_hangs(
    spare: Spare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guardian = GuardianProcess(tmp_path, 60.0, (), spare=spare)
    async with anyio.create_task_group() as tasks:
        await tasks.start(guardian.run)
        await guardian.ready()
        os.kill(guardian.pid, signal.SIGSTOP)
        monkeypatch.setattr("chaos_mcp.engine.guarding.READY", 0.1)

        with pytest.raises(PartMissing, match="does not get ready"):
            await guardian.load("network.latency")
        os.kill(guardian.pid, signal.SIGCONT)
        await guardian.release(left=False)


def test_one_that_nobody_needs_is_ended() -> None:
    spare = Spare()
    pid = spare.pid

    spare.dismiss()
    spare.dismiss()

    assert gone(pid)
    assert spare.hire("/nowhere", 1.0, "", "") is None


def test_one_that_guards_is_not_dismissed(spare: Spare, tmp_path: Path) -> None:
    started = spare.hire(str(tmp_path), 60.0, "", "")
    assert started

    spare.dismiss()

    assert not gone(started.process.pid)
    started.end()


HOST = """
import os, sys
from chaos_mcp.engine.spare import Spare
spare = Spare()
print(spare.pid, flush=True)
sys.stdin.read()
"""


def test_it_leaves_when_its_host_is_killed_before_there_was_anything() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as host:
        assert host.stdout
        pid = int(host.stdout.readline())
        host.kill()

    assert ends(pid)


def test_a_forked_child_leaves_it_alone(spare: Spare) -> None:
    child = os.fork()
    if child == 0:
        hired = spare.hire("/nowhere", 1.0, "", "")
        spare.dismiss()
        os._exit(1 if hired else 0)
    _, status = os.waitpid(child, 0)

    assert status == 0
    assert not gone(spare.pid)


def test_what_does_not_fit_into_its_pipe_has_a_new_one_started(
    spare: Spare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONG", "x" * LONGEST)

    assert spare.hire("/nowhere", 1.0, "", "") is None


def armed(folder: Path) -> None:
    """Write down a fault that stands, in a run that its runner knows to be there."""
    journal = Journal(folder, "r1")
    journal.record(RunStarted(title="it", experiment={}))
    fault = FaultArmed(
        fault="1-none",
        name="nothing",
        spec={"fault": "none"},
        memo={},
        owner="chaos-r1-1",
        lease=1.0,
        expires=time.time() + 60,
    )
    journal.record(fault)
    journal.close()


def test_it_undoes_what_it_was_told_of(spare: Spare, tmp_path: Path) -> None:
    armed(tmp_path)
    started = spare.hire(str(tmp_path), 60.0, "none", "")
    assert started

    os.write(started.told, b"left\n")

    assert started.process.wait(WITHIN) == 0
    started.end()
    events = read(tmp_path)
    assert only(events, FaultVerified)
    assert only(events, RunTakenOver)[0].why == (
        "the runner could not take everything back"
    )


def test_it_lives_in_the_environment_that_there_is_when_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path / "before"))
    spare = Spare()
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path / "now"))
    entry = tmp_path / "now" / "runs" / "r1.json"
    entry.parent.mkdir(parents=True)
    entry.write_text("{}", "utf-8")
    armed(tmp_path)

    started = spare.hire(str(tmp_path), 60.0, "none", "")
    assert started
    os.write(started.told, b"left\n")

    assert started.process.wait(WITHIN) == 0
    started.end()
    assert not entry.exists()
