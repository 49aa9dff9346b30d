"""What a person does about what was left: look, take it back, halt all, go on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.events import FaultProven, RunAborting
from chaos_mcp.failpoints import VARIABLE as FAILPOINTS
from chaos_mcp.journal.read import read
from chaos_mcp.machine import index
from chaos_mcp.machine.halt import halted
from tests.echo import echo_server
from tests.running import only, write
from tests.safety.conftest import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from tests.command import Chaos


@pytest.fixture
def upstream(state: Path) -> Iterator[str]:
    assert not state.exists(), "nobody's runs are seen here"
    with echo_server() as address:
        yield address


@pytest.fixture
def left(chaos: Chaos, tmp_path: Path, upstream: str) -> str:
    """Let a run and its guardian die while a fault stands; return the run's id."""
    path = write(tmp_path, embedded(upstream))
    done = chaos("run", path, **{FAILPOINTS: "injected:1:both"})
    assert done.returncode == -signal.SIGKILL
    return next((tmp_path / "runs").iterdir()).name


@pytest.fixture
def running(tmp_path: Path, upstream: str) -> Iterator[subprocess.Popen[str]]:
    """Start a run whose fault stands for as long as nobody stops it."""
    block = {"action": "process", "name": "block", "command": ["sleep", "60"]}
    experiment = embedded(upstream)
    experiment["perturbations"].append(block)
    process = subprocess.Popen(
        [sys.executable, "-m", "chaos_mcp.cli", "run", write(tmp_path, experiment)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_for_bite(tmp_path)
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for_bite(folder: Path) -> None:
    end = time.monotonic() + 40
    while time.monotonic() < end:
        for journal in folder.glob("runs/*/events.jsonl"):
            if only(read(journal), FaultProven):
                return
        time.sleep(0.02)
    pytest.fail("the fault never bit")


def plain(text: str) -> str:
    """Return what was said without what differs from run to run."""
    text = re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN", text)
    text = re.sub(r"process \d+", "process N", text)
    return re.sub(r"\d+(\.\d+)? s\b", "N s", text)


def test_status_shows_what_a_dead_run_has_left(
    chaos: Chaos, left: str, snapshot: SnapshotAssertion
) -> None:
    done = chaos("status")

    assert done.returncode == 5
    assert left in done.stdout
    assert plain(done.stdout) == snapshot


def test_status_as_json_names_each_open_fault(chaos: Chaos, left: str) -> None:
    done = chaos("status", "--format", "json")

    data = json.loads(done.stdout)
    assert data["halted"] is None
    assert [one["run"] for one in data["runs"]] == [left]
    fault = data["open"][0]
    assert (fault["name"], fault["alive"]) == ("network.partition", False)
    assert 0 < fault["expires_in"] < 4000


def test_recover_takes_back_what_was_left_and_again_does_nothing(
    chaos: Chaos, left: str, snapshot: SnapshotAssertion
) -> None:
    first = chaos("recover")
    again = chaos("recover")

    assert first.returncode == again.returncode == 0
    assert left in first.stdout
    assert plain(first.stdout) == snapshot
    assert again.stdout == "nothing to do: nothing is open\n"
    assert chaos("status").stdout == "nothing runs, and nothing is open\n"


@pytest.mark.parametrize("name", ["id", "folder", "last"])
def test_recover_takes_the_run_that_is_named(
    chaos: Chaos, left: str, tmp_path: Path, name: str
) -> None:
    run = {"id": left, "folder": str(tmp_path / "runs" / left), "last": "last"}[name]

    done = chaos("recover", run, "--format", "json")

    assert done.returncode == 0, done.stderr
    recovered = json.loads(done.stdout)["runs"]
    assert [one["run"] for one in recovered] == [left]
    assert recovered[0]["undone"] == ["network.partition"]


def test_a_recovered_run_is_reported_as_aborted(chaos: Chaos, left: str) -> None:
    before = chaos("report", left, "--format", "json")
    chaos("recover")
    after = chaos("report", left, "--format", "json")

    assert json.loads(before.stdout)["verdict"] == "UNSAFE"
    assert json.loads(before.stdout)["next_step"] == f"chaos recover {left}"
    assert json.loads(after.stdout)["verdict"] == "ABORTED"


def test_run_refuses_over_what_was_left(
    chaos: Chaos, left: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    done = chaos("run", tmp_path / "experiments" / "it.json")

    assert done.returncode == 5
    assert left in done.stderr
    assert plain(done.stderr) == snapshot
    assert len(list((tmp_path / "runs").iterdir())) == 1


@pytest.mark.usefixtures("left")
def test_run_recovers_first_if_asked(chaos: Chaos, tmp_path: Path) -> None:
    done = chaos("run", "--recover", "-q", tmp_path / "experiments" / "it.json")

    assert done.returncode == 0, done.stdout
    assert "all taken back" in done.stderr


def test_a_run_of_which_the_journal_is_gone_must_be_looked_at(
    chaos: Chaos, left: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    (tmp_path / "runs" / left / "events.jsonl").unlink()

    done = chaos("recover")

    assert done.returncode == 5
    told = plain(done.stdout).replace(str(tmp_path), "HERE")
    assert re.sub(r"127.0.0.1:\d+", "SERVER", told) == snapshot
    assert chaos("recover", "--forget", left).returncode == 0
    assert chaos("status").returncode == 0


def test_status_shows_a_run_that_lives_and_the_time_it_has(
    chaos: Chaos, running: subprocess.Popen[str], snapshot: SnapshotAssertion
) -> None:
    human = chaos("status")
    data = json.loads(chaos("status", "--format", "json").stdout)

    assert human.returncode == 0
    assert plain(human.stdout) == snapshot
    assert data["runs"][0]["pid"] == running.pid
    assert data["runs"][0]["alive"]
    assert 0 < data["open"][0]["lease"] <= 10


@pytest.mark.usefixtures("running")
def test_recover_leaves_a_run_alone_that_lives(chaos: Chaos) -> None:
    every = chaos("recover")
    named = chaos("recover", "last")

    assert every.stdout == "nothing to do: nothing is open\n"
    assert named.returncode == 2
    assert "still being carried out" in named.stderr


def test_halt_stops_what_runs_and_keeps_new_runs_from_starting(
    chaos: Chaos, running: subprocess.Popen[str], tmp_path: Path
) -> None:
    done = chaos("halt", "incident 4711")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("stopped")
    out, _ = running.communicate(timeout=30)
    assert running.returncode == 3
    assert "halted all runs: incident 4711" in " ".join(out.split())
    journal = next(tmp_path.glob("runs/*/events.jsonl"))
    assert [one.cause for one in only(read(journal), RunAborting)] == ["operator"]
    blocked = chaos("run", tmp_path / "experiments" / "it.json")
    assert blocked.returncode == 3
    assert "incident 4711" in blocked.stderr
    assert "chaos resume" in blocked.stderr


def test_halt_kills_what_does_not_stop_and_its_guardian_puts_it_back(
    chaos: Chaos, running: subprocess.Popen[str]
) -> None:
    os.kill(running.pid, signal.SIGSTOP)

    done = chaos("halt", "it hangs")

    assert done.returncode == 0
    assert "incident" not in done.stdout
    assert running.wait(30) == -signal.SIGKILL
    assert not index.entries()


@pytest.mark.usefixtures("state")
def test_halt_asks_for_a_reason(chaos: Chaos) -> None:
    done = chaos("halt")

    assert done.returncode != 0
    assert "Why" in done.stderr
    assert halted() is None


@pytest.mark.usefixtures("state")
def test_resume_lifts_the_halt_and_says_what_it_was(chaos: Chaos) -> None:
    chaos("halt", "lunch")

    first, again = chaos("resume"), chaos("resume")

    assert first.stdout.startswith("lifted: lunch")
    assert again.stdout == "nothing was halted\n"
    assert first.returncode == again.returncode == 0


def test_a_halt_that_cannot_be_read_stands(chaos: Chaos, state: Path) -> None:
    state.mkdir()
    (state / "halted.json").write_text("{", "utf-8")

    done = chaos("status")

    assert "cannot be understood" in done.stdout


def test_an_entry_that_cannot_be_read_hides_no_other(chaos: Chaos, left: str) -> None:
    for name, text in {"a.json": "{", "b.json": "[]", "c.json": '{"run": 1}'}.items():
        place = index.entries()[0].place.with_name(name)
        place.write_text(text, "utf-8")

    assert left in chaos("status").stdout


@pytest.mark.usefixtures("state")
def test_nothing_to_write_the_index_in_is_one_clear_message(
    chaos: Chaos, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    experiment: dict[str, Any] = {"perturbations": [{"fault": "none", "for": "1ms"}]}

    done = chaos(
        "run", write(tmp_path, experiment), CHAOS_STATE_DIR=str(tmp_path / "file")
    )

    assert done.returncode == 2
    assert "CHAOS_STATE_DIR" in done.stderr
    assert "Traceback" not in done.stderr
