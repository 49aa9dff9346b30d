"""A program that stands still loses its session, wherever it stood; nothing stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from chaos_mcp.events import FaultArmed
from chaos_mcp.journal.ledger import anything_open
from chaos_mcp.journal.read import read
from chaos_mcp.machine.tagged import tagged
from tests.library.outer import environment
from tests.running import only
from tests.safety.bench import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROGRAM = """
import sys, chaos_mcp as chaos
from chaos_mcp.errors import SessionEnded
first, second, runs = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
try:
    with chaos.session(runs=runs, lease=4.0) as session:
        with session.process_pause(pid=first), session.process_pause(pid=second):
            pass
        print("it went on")
except SessionEnded as error:
    print("refused" if "taken the session over" in str(error) else error)
"""
SOFT, HARD = "refused\n", ""
"""What is said by a program that lost its session, and by one that lost its life."""
PLACES = {
    "before the second fault is armed": ("arm", 2, "hold", SOFT),
    "before the second is begun": ("hold", 4, "write fault.armed", SOFT),
    "while it is written down": ("write fault.armed", 2, "written fault.armed", HARD),
    "before the guardian knows of it": ("synced", 2, "inject", HARD),
    "before it is injected": ("inject", 2, "injected", HARD),
    "when it was injected": ("injected", 2, "write fault.injected", HARD),
    "before its proof is written down": ("hold", 5, "written fault.proven", SOFT),
    "before it is undone": ("hold", 6, "write fault.undoing", SOFT),
    "while it is undone": ("undo", 1, "undone", HARD),
    "when it was undone": ("undone", 1, "write fault.undone", HARD),
    "before the first is undone": ("hold", 7, "write fault.undoing", SOFT),
}
"""Where to stop: the place, its turn, what is passed next, and what is said."""
NEIGHBOURS = ("before the guardian knows", "when it was", "before its proof")
SOME = (
    [*PLACES]
    if os.environ.get("CHAOS_SOAK")
    else [one for one in PLACES if not one.startswith(NEIGHBOURS)]
)
"""Each takes a lease and more."""


def call(
    folder: Path, sleepers: list[subprocess.Popen[bytes]], asked: str
) -> subprocess.Popen[str]:
    pids = [str(one.pid) for one in sleepers]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *pids, str(folder / "runs")],
        env={**environment(folder / "state"), "CHAOS_FAILPOINTS": asked},
        stdout=subprocess.PIPE,
        text=True,
    )


def two_sleepers() -> Iterator[list[subprocess.Popen[bytes]]]:
    command = ["sleep", "600"]
    both = [subprocess.Popen(command) for _ in range(2)]
    yield both
    for one in both:
        one.kill()
        one.wait()


sleepers = pytest.fixture(two_sleepers)
others = pytest.fixture(two_sleepers, scope="module")


@pytest.fixture(scope="module")
def passed(
    others: list[subprocess.Popen[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """Give the places that the program passes, in order."""
    folder = tmp_path_factory.mktemp("trace")
    with call(folder, others, f"trace:{folder / 'trace'}") as program:
        assert program.stdout
        assert program.stdout.read() == "it went on\n"
    return (folder / "trace").read_text("utf-8").splitlines()


def following(passed: list[str], place: str, number: int) -> str:
    """Return what is passed after `place` was passed for the nth time."""
    found = [at for at, one in enumerate(passed) if one == place]
    return passed[found[number - 1] + 1]


def until(what: Callable[[], Any], why: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why()
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("where", SOME)
def test_a_program_that_stood_still_does_no_harm_when_it_goes_on(
    where: str,
    passed: list[str],
    sleepers: list[subprocess.Popen[bytes]],
    tmp_path: Path,
) -> None:
    place, number, then, said = PLACES[where]
    assert following(passed, place, number) == then

    with call(tmp_path, sleepers, f"{place}:{number}:stop") as program:
        until(lambda: state_of(program.pid) == "T", lambda: "it did not come so far")
        run = next((tmp_path / "runs").iterdir())
        until(lambda: not anything_open(read(run)), lambda: read(run)[-3:])
        before_it_went_on = read(run)
        os.kill(program.pid, signal.SIGCONT)
        told, _ = program.communicate(timeout=60)

    assert told == said
    assert program.returncode == (0 if said else -signal.SIGKILL)
    assert [state_of(one.pid) for one in sleepers] == ["S", "S"]
    assert only(read(run), FaultArmed) == only(before_it_went_on, FaultArmed)
    assert not anything_open(read(run))
    state = tmp_path / "state"
    until(
        lambda: not tagged("CHAOS_STATE_DIR", str(state)), lambda: "a process is left"
    )
    assert not [*state.glob("runs/*"), *state.glob("claims/*")]
