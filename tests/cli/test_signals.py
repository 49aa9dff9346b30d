"""Ctrl-C, SIGTERM and SIGHUP undo everything; a second Ctrl-C only hurries."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from chaos_mcp.events import FaultProven, FaultVerified, PartStarted, RunAborting
from chaos_mcp.journal.read import read
from tests.engine.test_runs import CUT, PING, PROXIED
from tests.running import only, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from chaos_mcp.events import Event

EXPERIMENT = {
    "system": PROXIED,
    "perturbations": [
        CUT,
        PING,
        {"action": "process", "name": "block", "command": ["sleep", "45"]},
    ],
}


@contextmanager
def under_way(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start a run and yield once its fault stands and has bitten."""
    path = write(folder, EXPERIMENT)
    process = subprocess.Popen(
        [sys.executable, "-m", "chaos_mcp.cli", "run", str(path)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process, bitten(folder)
    finally:
        process.kill()
        process.communicate()


def bitten(folder: Path) -> Path:
    end = time.monotonic() + 40
    while time.monotonic() < end:
        for journal in folder.glob("runs/*/events.jsonl"):
            if only(read(journal), FaultProven):
                return journal
        time.sleep(0.02)
    pytest.fail("the fault never bit")


def nothing_is_left(events: Sequence[Event]) -> bool:
    pids = [one.pid for one in only(events, PartStarted) if one.pid]
    return bool(pids) and not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_undoes_everything(tmp_path: Path, name: str) -> None:
    with under_way(tmp_path) as (process, journal):
        began = time.monotonic()
        process.send_signal(signal.Signals[name])

        out, err = process.communicate(timeout=30)

        took = time.monotonic() - began
    events = read(journal)
    assert process.returncode == 3, err
    assert out.startswith("ABORTED")
    assert only(events, RunAborting)[0].reason == f"{name} was received"
    assert only(events, FaultVerified)
    assert nothing_is_left(events)
    assert took < 15


def test_two_interrupts_at_once_do_not_skip_the_undo(tmp_path: Path) -> None:
    with under_way(tmp_path) as (process, journal):
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)

        process.communicate(timeout=30)

    events = read(journal)
    assert process.returncode == 3
    assert only(events, FaultVerified)
    assert nothing_is_left(events)


def test_what_the_run_started_ends_with_a_runner_that_is_killed(
    tmp_path: Path,
) -> None:
    with under_way(tmp_path) as (process, journal):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)

        end = time.monotonic() + 20
        while not nothing_is_left(read(journal)) and time.monotonic() < end:
            time.sleep(0.05)

    assert nothing_is_left(read(journal))
