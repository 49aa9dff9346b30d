"""A session: faults in somebody else's program, taken back whatever happens there."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import chaos_mcp as chaos
from chaos_mcp.engine.status import status
from chaos_mcp.errors import SessionEnded
from chaos_mcp.events import (
    FaultArmed,
    FaultProven,
    ProbeMeasured,
)
from chaos_mcp.faults import BUILT_IN
from chaos_mcp.journal.ledger import anything_open
from chaos_mcp.journal.read import read
from chaos_mcp.sessions import generate
from tests.library.talking import answered, took
from tests.running import only
from tests.safety.bench import state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEEPER = {
    "name": "worker",
    "command": ["sleep", "600"],
    "ready": {"probe": "process", "command": ["true"]},
}


def test_a_fault_stands_in_its_block_and_nowhere_else(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    before = answered(proxy)

    with inner.network_partition(proxy):
        during = answered(proxy)

    assert (before, during, answered(proxy)) == (True, False, True)


def test_a_fault_is_in_the_journal_with_all_that_a_run_writes(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    with inner.network_partition("cache"):
        answered(proxy)

    armed = only(read(inner.folder), FaultArmed)[-1]
    mine = [
        one.kind for one in inner.events if getattr(one, "fault", "") == armed.fault
    ]
    assert mine == [
        "fault.armed",
        "fault.injected",
        "fault.proven",
        "fault.undoing",
        "fault.undone",
        "fault.verified",
    ]
    assert armed.lease == 10
    assert armed.expires > armed.wall


@pytest.mark.parametrize("latency", [0.1, "100ms", timedelta(milliseconds=100)])
def test_quantities_are_python_s_own_or_written_with_units(
    inner: chaos.Session, proxy: chaos.Proxy, latency: Any
) -> None:
    with inner.network_latency(proxy, latency=latency):
        seconds = took(proxy)

    assert seconds
    assert seconds > 0.1


def test_a_fault_ends_with_its_duration(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    with inner.network_partition(proxy, duration=0.2) as fault:
        assert not answered(proxy, 0.1)
        while not fault.look().gone:
            time.sleep(0.01)
        assert answered(proxy)


def test_a_fault_that_nothing_has_met_is_a_failure(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    with (
        pytest.raises(chaos.FaultUnproven, match="no traffic met it"),
        inner.network_partition(proxy),
    ):
        pass

    assert answered(proxy)


def test_that_nothing_has_met_a_fault_can_be_accepted(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    with inner.network_partition(proxy, prove=False) as fault:
        pass

    assert not fault.proven


def test_what_a_block_raises_is_raised_and_not_that_nothing_met_the_fault(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    with pytest.raises(ZeroDivisionError), inner.network_partition(proxy):
        raise ZeroDivisionError

    assert answered(proxy)


def test_what_cannot_stand_is_refused_and_says_why(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    assert proxy
    with (
        pytest.raises(chaos.FaultRefused, match="there is no proxy 'cche'"),
        inner.network_partition("cche"),
    ):
        pass


def test_without_a_proxy_it_says_how_to_have_one(state: Path) -> None:
    with (
        chaos.session(runs=state.with_name("runs")) as alone,
        pytest.raises(chaos.FaultRefused, match=r"session\.proxy\("),
        alone.network_partition("cache"),
    ):
        pass


def test_all_wrong_arguments_are_said_at_once(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    with (
        pytest.raises(chaos.FaultRefused) as refused,
        inner.fault("network.latency", proxy=proxy, latency="soon", jiter=1),
    ):
        pass

    assert "soon" in str(refused.value)
    assert "jiter" in str(refused.value)


def test_a_misspelt_fault_is_answered_with_the_nearest(inner: chaos.Session) -> None:
    with (
        pytest.raises(chaos.ChaosError, match=r"did you mean 'network\.latency'"),
        inner.fault("network.latncy"),
    ):
        pass


def test_a_process_of_the_session_is_paused_by_its_name(inner: chaos.Session) -> None:
    worker = inner.system([SLEEPER])["worker"]

    with inner.fault("process.pause", name="worker") as fault:
        assert state_of(worker.pid) == "T"
        assert fault.proven

    assert state_of(worker.pid) == "S"


def test_what_a_scope_has_started_ends_with_it(
    session: chaos.Session, upstream: str
) -> None:
    with session.scope() as one:
        worker = one.system([SLEEPER])["worker"]
        proxy = one.proxy(upstream, name="mine")
        assert answered(proxy)

    with pytest.raises(ConnectionRefusedError):
        answered(proxy)
    assert state_of(worker.pid) == "X"
    with session.scope() as again:
        assert again.proxy(upstream, name="mine").name == "mine"


def test_two_things_of_one_name_are_refused(
    inner: chaos.Session, proxy: chaos.Proxy, upstream: str
) -> None:
    with pytest.raises(chaos.ChaosError, match="'cache' already"):
        inner.proxy(upstream, name=proxy.name)

    assert answered(proxy)


def test_a_watch_that_held_says_nothing(inner: chaos.Session) -> None:
    with inner.watch(lambda: True, every=0.01) as watched:
        while len(watched.answers) < 3:
            time.sleep(0.01)

    assert watched.held == 1
    assert only(inner.events, ProbeMeasured)[-1].verdict == "held"


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        (lambda: False, "deviated: it answered False"),
        ([].pop, "unknown: IndexError"),
    ],
)
def test_a_watch_that_did_not_hold_or_not_know_is_a_failure(
    inner: chaos.Session, probe: Any, said: str
) -> None:
    with pytest.raises(AssertionError, match=said), inner.watch(probe):
        pass


def test_a_probe_is_asked_by_its_name(inner: chaos.Session, proxy: chaos.Proxy) -> None:
    with (
        pytest.raises(chaos.NotStable, match="deviated"),
        inner.watch("tcp", address=proxy.listen, expect="nonsense"),
    ):
        pass


def test_two_sessions_do_not_touch_the_same_target(
    inner: chaos.Session, tmp_path: Path
) -> None:
    worker = inner.system([SLEEPER])["worker"]
    with (
        inner.process_pause("worker"),
        chaos.session(runs=tmp_path) as other,
        pytest.raises(chaos.FaultRefused, match="stopped it already"),
        other.process_pause(pid=worker.pid),
    ):
        pass

    assert state_of(worker.pid) == "S"


def test_a_session_leaves_nothing_behind(tmp_path: Path, upstream: str) -> None:
    before = {thread.name for thread in threading.enumerate()}

    with chaos.session(runs=tmp_path) as session:
        run, folder = session.run, session.folder
        proxy = session.proxy(upstream)
        with session.network_partition(proxy):
            answered(proxy)

    assert not anything_open(read(folder))
    assert run not in [one.entry.run for one in status().runs]
    assert not [t for t in threading.enumerate() if t.name == "chaos"] or before
    with pytest.raises(SessionEnded), session.network_partition(proxy):
        pass


def test_a_session_takes_no_signals(tmp_path: Path) -> None:
    def handlers() -> list[Any]:
        return [signal.getsignal(one) for one in signal.valid_signals()]

    before = handlers()
    with chaos.session(runs=tmp_path) as session, session.none():
        assert handlers() == before


HALTED = """
import sys, time, chaos_mcp as chaos
from chaos_mcp.errors import SessionEnded
from chaos_mcp.machine import halt
with chaos.session(runs=sys.argv[1], lease=4.0) as session:
    with session.none():
        halt.halt("incident 4711")
        while not any(one.kind == "fault.verified" for one in session.events):
            time.sleep(0.01)
    try:
        session.proxy("127.0.0.1:1")
    except SessionEnded as error: print(error)
print([one.cause for one in session.events if one.kind == "run.aborting"])
"""


def test_a_session_stops_when_all_is_halted(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", HALTED, str(tmp_path / "runs")],
        env={**os.environ, "CHAOS_STATE_DIR": str(tmp_path / "state")},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.splitlines()

    assert "halted all runs: incident 4711" in said[0]
    assert said[1] == "['operator']"


def test_every_built_in_fault_is_a_method(session: chaos.Session) -> None:
    for kind in BUILT_IN:
        method = getattr(session, kind.replace(".", "_").replace("-", "_"))

        assert "prove" in inspect.signature(method).parameters


def test_the_methods_are_those_of_the_catalogue() -> None:
    assert generate.FILE.read_text("utf-8") == generate.written(), (
        "python -m chaos_mcp.sessions.generate"
    )


DYING = """
import os, sys, chaos_mcp as chaos
pid, runs = int(sys.argv[1]), sys.argv[2]
session = chaos.session(runs=runs).__enter__()
session.process_pause(pid=pid).__enter__()
print("paused", flush=True)
{end}
"""
ENDS = {
    "kill": "os.kill(os.getpid(), 9)",
    "exit at once": "os._exit(1)",
    "exit": "sys.exit(1)",
    "the end of the program": "",
}


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "600"])  # noqa: S607 - any sleep
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("end", ENDS)
def test_however_a_program_ends_its_faults_do(
    end: str, sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    code = DYING.format(end=ENDS[end])
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        code,
        str(sleeper.pid),
        str(tmp_path),
    ]
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)

    assert done.stdout == b"paused\n", done.stderr
    assert done.stderr == b""
    until(lambda: state_of(sleeper.pid) == "S")


def test_a_session_waits_for_what_a_guardian_is_taking_back(
    sleeper: subprocess.Popen[bytes], state: Path
) -> None:
    runs = state.with_name("runs")
    code = DYING.format(end="sys.stdin.read()")
    command = [sys.executable, "-c", code, str(sleeper.pid), str(runs)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == b"paused\n"
        guardian = guardian_of(program.pid)
        os.kill(guardian, signal.SIGSTOP)
        program.kill()
    late = threading.Timer(0.5, os.kill, (guardian, signal.SIGCONT))
    late.start()

    with chaos.session(runs=runs):
        assert state_of(sleeper.pid) == "S"
    late.join()


def guardian_of(pid: int) -> int:
    """Return the process that guards the session of a program."""
    wanted = b"chaos_mcp.engine.guardian\0%d\0" % pid
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if wanted in one.read_bytes():
                found.append(int(one.parent.name))
    [guardian] = found
    return guardian


STOPPED = """
import os, sys, signal, chaos_mcp as chaos
from chaos_mcp.errors import SessionEnded
pid, runs = int(sys.argv[1]), sys.argv[2]
with chaos.session(runs=runs, lease=4.0) as session:
    try:
        with session.process_pause(pid=pid):
            print("paused", flush=True)
            sys.stdin.readline()
            try:
                with session.none(): print("injected")
            except SessionEnded as error: print("refused:", error)
    except SessionEnded as error: print("over:", error)
print("alive", flush=True)
"""


def test_a_silent_program_loses_its_session_and_not_its_life(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", STOPPED, str(sleeper.pid), str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == "paused\n"
        os.kill(program.pid, signal.SIGSTOP)
        until(lambda: state_of(sleeper.pid) == "S")
        os.kill(program.pid, signal.SIGCONT)
        told, _ = program.communicate("\n", timeout=60)

    lines = told.splitlines()
    assert lines[0].startswith("refused: the guardian has taken the session over")
    assert lines[1].startswith("over: the guardian has taken the session over")
    assert lines[2:] == ["alive"]
    events = read(next(tmp_path.iterdir()))
    until(lambda: not anything_open(read(next(tmp_path.iterdir()))))
    assert len(only(events, FaultArmed)) == 1
    assert "run.taken-over" in [one.kind for one in events]


def until(what: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_forked_child_cannot_use_the_session(session: chaos.Session) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            session.none().__enter__()
        except SessionEnded:
            os.write(writing, b"refused")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)

    assert os.read(reading, 100) == b"refused"
    with session.none():
        pass
    os.close(reading)
    os.close(writing)


def test_the_effect_is_looked_for_when_asked(
    inner: chaos.Session, proxy: chaos.Proxy
) -> None:
    with inner.network_latency(proxy, latency=0.01) as fault:
        unmet = fault.look(0.01)
        answered(proxy)
        met = fault.look()

    assert (unmet.proven, met.proven) == (False, True)
    assert met.evidence["connections"] == 1
    assert only(inner.events, FaultProven)
