"""What a process uses counts with its descendants, and is never somebody else's."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_mcp.adapters.usage import own_usage, usage
from chaos_mcp.machine.identity import identity_of
from tests.faults.stages import running

SOON = 30.0
BUSY = "(while :; do :; done) & wait"
"""A shell that does nothing, and has a child that is never idle."""
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="there is no /proc on this machine"
)


def test_a_child_that_is_busy_counts_for_who_has_started_it() -> None:
    with running(BUSY) as shell:
        who = identity_of(shell.pid)
        deadline = time.monotonic() + SOON
        while (found := usage(who)) and found.cpu < 0.2:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    assert found is not None
    assert found.cpu >= 0.2
    assert found.memory > 0


def process(proc: Path, pid: int, *children: int, state: str = "S") -> None:
    """Make a process of a made-up /proc: a second of each kind of time, ten pages."""
    ticks = os.sysconf("SC_CLK_TCK")
    before = f"{state} 1 1 1 0 -1 0 0 0 0 0"
    words = f"{before} {ticks} {ticks} {ticks} {ticks} 20 0 1 0 77 0 10 0"
    task = proc / str(pid) / "task" / str(pid)
    task.mkdir(parents=True)
    (proc / str(pid) / "stat").write_text(f"{pid} (a) b (c) {words}")
    (task / "children").write_text("".join(f"{child} " for child in children))


def test_all_who_descend_count_once_and_the_dead_among_them_not(tmp_path: Path) -> None:
    process(tmp_path, 10, 11, 12, 99)
    process(tmp_path, 11, 13)
    process(tmp_path, 12, state="Z")
    process(tmp_path, 13, 11)
    (tmp_path / "self").symlink_to(tmp_path / "10")
    who = replace(identity_of(os.getpid()), pid=10, birth="77")

    found = usage(who, tmp_path)

    assert found is not None
    assert found.cpu == 3 * 4
    assert found.memory == 3 * 10 * os.sysconf("SC_PAGE_SIZE")


def test_of_a_dead_process_nothing_is_known() -> None:
    with running(BUSY) as shell:
        who = identity_of(shell.pid)

    assert usage(who) is None


def test_who_has_its_number_now_does_not_count() -> None:
    ourselves = identity_of(os.getpid())

    assert usage(ourselves) is not None
    assert usage(replace(ourselves, birth="1")) is None


def test_we_ourselves_count_without_what_we_have_started() -> None:
    with running(BUSY) as shell:
        ours = own_usage()
        everyone = usage(identity_of(os.getpid()))
        deadline = time.monotonic() + SOON
        while (theirs := usage(identity_of(shell.pid))) and theirs.cpu < 0.5:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        later = own_usage()

    assert theirs is not None
    assert everyone is not None
    assert later.cpu - ours.cpu < theirs.cpu
    assert 0 < ours.memory < everyone.memory
