"""The example's pytest, killed at random moments, leaves nothing behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.journal.ledger import anything_open
from chaos_mcp.journal.read import read
from chaos_mcp.machine.tagged import TAG, tagged
from tests.library.outer import SUITE, command, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KILLS = 50 if os.environ.get("CHAOS_SOAK") else 6
LINES = 390
"""Of the journal; the suite writes more before its last test is over."""
LATER = 0.02
"""Seconds, at most, after a line: the moments between two lines are met, too."""
WITHIN = 60.0


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server here")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_suite_leaves_nothing_behind(number: int, tmp_path: Path) -> None:
    dice = random.Random(number)  # noqa: S311 - repeatable
    # The first is killed before it has written anything; the others all along.
    lines = number and 1 + int(LINES * (number - dice.random()) / (KILLS - 1))
    called = command("-q", "-o", f"chaos_runs={tmp_path / 'runs'}")
    with subprocess.Popen(
        called,
        cwd=SUITE,
        env=environment(tmp_path / "state"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as suite:
        until(lambda: written(tmp_path) >= lines, 240)
        time.sleep(dice.uniform(0, LATER))
        suite.send_signal(signal.SIGKILL)

    assert suite.returncode == -signal.SIGKILL, "it was over before"
    until(lambda: not leftovers(tmp_path), WITHIN, lambda: str(leftovers(tmp_path)))


def written(folder: Path) -> int:
    """Return how many lines there are in the journal; -1: not even a folder for it."""
    if not (folder / "runs").exists():
        return -1
    with suppress(OSError):
        for journal in folder.glob("runs/*/events.jsonl"):
            return journal.read_bytes().count(b"\n")
    return 0


def until(
    what: Callable[[], bool], seconds: float, why: Callable[[], str] = str
) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why()
        time.sleep(0.005)


def leftovers(folder: Path) -> list[str]:
    """Return what the journals say is open, and the processes that still run.

    Whatever the suite has started has its environment: Redis, proxies, the guardian.
    """
    return [
        *(f"process {pid}" for pid in tagged("CHAOS_STATE_DIR", str(folder / "state"))),
        *_left_by_runs(folder),
    ]


def _left_by_runs(folder: Path) -> Iterator[str]:
    for run in (one.parent for one in folder.glob("runs/*/events.jsonl")):
        if anything_open(read(run)):
            yield f"{run.name} is open"
        yield from (f"process {pid} of it" for pid in tagged(TAG, run.name))
