"""The example's pytest, killed at random moments, leaves nothing behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.journal.ledger import anything_open
from chaos_mcp.journal.read import read
from chaos_mcp.machine.tagged import TAG, tagged
from tests.library.outer import SUITE, command, environment

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 50 if os.environ.get("CHAOS_SOAK") else 2
LONGEST = 12.0
"""Seconds within which the suite is over, on an idle machine."""
WITHIN = 60.0


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server here")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_suite_leaves_nothing_behind(number: int, tmp_path: Path) -> None:
    moment = random.Random(number).uniform(0.5, LONGEST)  # noqa: S311 - repeatable
    called = command("-q", "-o", f"chaos_runs={tmp_path / 'runs'}")
    with subprocess.Popen(
        called,
        cwd=SUITE,
        env=environment(tmp_path / "state"),
        stdout=subprocess.DEVNULL,
    ) as suite:
        try:
            suite.wait(moment)
        except subprocess.TimeoutExpired:
            os.kill(suite.pid, signal.SIGKILL)

    end = time.monotonic() + WITHIN
    while (left := leftovers(tmp_path)) and time.monotonic() < end:
        time.sleep(0.05)

    assert not left, f"killed after {moment:.3f} s"


def leftovers(folder: Path) -> list[str]:
    """Return what the journals say is open, and the processes that still run."""
    found = []
    for run in (one.parent for one in folder.glob("runs/*/events.jsonl")):
        if anything_open(read(run)):
            found.append(f"{run.name} is open")
        found += [f"process {pid}" for pid in tagged(TAG, run.name)]
    return found
