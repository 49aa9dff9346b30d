"""What cannot outlive us may stand while the guardian still loads; all else may not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.events import FaultArmed, FaultVerified, RunTakenOver
from chaos_mcp.journal.ledger import anything_open
from chaos_mcp.journal.read import read
from tests.echo import echo_server
from tests.library.outer import environment
from tests.library.test_sessions import guardian_of
from tests.running import only
from tests.safety.bench import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chaos_mcp.events import Event

SLOW = """
import os, sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        while name == "anyio" and not os.path.exists({go!r}):
            time.sleep(0.01)

if "chaos_mcp.engine.guardian" in sys.orig_argv:
    sys.meta_path.insert(0, Slow())
"""
"""A `sitecustomize` by which a guardian that loads gets no further than that."""
PROXIED = """
import sys, chaos_mcp as chaos
with chaos.session(runs=sys.argv[1]) as session:
    proxy = session.proxy(sys.argv[2])
    with session.network_partition(proxy):
        print(proxy.listen, flush=True)
        sys.stdin.read()
"""
PAUSED = """
import sys, chaos_mcp as chaos
with chaos.session(runs=sys.argv[1]) as session:
    print("asking", flush=True)
    with session.process_pause(pid=int(sys.argv[2])):
        print("paused", flush=True)
        sys.stdin.read()
"""
WITHIN = 60.0


def until(what: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + WITHIN
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.01)


class Slowed:
    """A program whose guardian does not get ready before it is let."""

    def __init__(self, folder: Path, program: str, argument: str) -> None:
        self.runs = folder / "runs"
        self._go = folder / "go"
        custom = folder / "custom"
        custom.mkdir()
        text = SLOW.format(go=str(self._go))
        (custom / "sitecustomize.py").write_text(text, "utf-8")
        environ = environment(folder / "state")
        path = os.pathsep.join([str(custom), environ["PYTHONPATH"]])
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(self.runs), argument],
            env={**environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def said(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def events(self) -> list[Event]:
        [folder] = self.runs.iterdir()
        return read(folder)

    def let_it_load(self) -> None:
        self._go.touch()


@contextmanager
def slowed(folder: Path, program: str, argument: str) -> Iterator[Slowed]:
    made = Slowed(folder, program, argument)
    with made.process:
        yield made
        made.let_it_load()
        made.process.kill()


@pytest.fixture
def upstream() -> Iterator[str]:
    with echo_server() as address:
        yield address


def accepts(listen: str) -> bool:
    host, _, port = listen.rpartition(":")
    try:
        socket.create_connection((host, int(port)), 5).close()
    except OSError:
        return False
    return True


def test_a_fault_of_our_own_proxy_is_undone_once_the_guardian_has_loaded(
    upstream: str, tmp_path: Path
) -> None:
    with slowed(tmp_path, PROXIED, upstream) as program:
        listen = program.said()
        program.process.kill()
        program.process.wait()

        assert accepts(listen), "the proxy outlives the runner"
        assert anything_open(program.events())
        program.let_it_load()
        until(lambda: not anything_open(program.events()), "nobody has undone it")

        events = program.events()
        assert only(events, RunTakenOver)[0].by == "guardian"
        assert only(events, FaultVerified)
        until(lambda: not accepts(listen), "the proxy is left")


def test_it_is_gone_though_the_guardian_never_gets_ready(
    upstream: str, tmp_path: Path
) -> None:
    with slowed(tmp_path, PROXIED, upstream) as program:
        listen = program.said()
        guardian = guardian_of(program.process.pid)
        program.process.kill()
        program.process.wait()
        os.kill(guardian, signal.SIGKILL)

        until(lambda: not accepts(listen), "the proxy is left")


def test_a_process_is_not_paused_before_the_guardian_is_ready(tmp_path: Path) -> None:
    with (
        subprocess.Popen(["sleep", "600"]) as sleeper,  # noqa: S607 - any sleep
        slowed(tmp_path, PAUSED, str(sleeper.pid)) as program,
    ):
        assert program.said() == "asking"
        with pytest.raises(subprocess.TimeoutExpired):
            program.process.wait(0.5)
        assert not only(program.events(), FaultArmed)
        assert state_of(sleeper.pid) == "S"

        program.let_it_load()

        assert program.said() == "paused"
        assert state_of(sleeper.pid) == "T"
        program.process.kill()
        until(lambda: state_of(sleeper.pid) == "S", "nobody has resumed it")
        sleeper.kill()
