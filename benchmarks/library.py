"""What sessions and the pytest plugin cost: `python -m benchmarks.library`.

Figures are medians, with the 90th percentile behind them.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import chaos_mcp as chaos
from chaos_mcp.sessions import lazy, opening
from tests.echo import echo_server
from tests.library.outer import command, environment

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 21
TESTS = 2000
FAULTS = 100
PROXIED = "  open one, start a proxy, enter network.latency"
PAUSED = "  open one, enter process.pause: guardian loaded"
SUITES = {
    "idle": "@pytest.mark.parametrize('n', range({n}))\ndef test(n, chaos): pass\n",
    "without": "@pytest.mark.parametrize('n', range({n}))\ndef test(n, some): pass\n",
}
HEAD = "import pytest\n@pytest.fixture\ndef some(): yield\n"


def say(name: str, seconds: list[float], limit: str) -> None:
    """Print a row, in milliseconds."""
    ordered = sorted(seconds)
    high = ordered[int(len(ordered) * 0.9)]
    median = statistics.median(ordered)
    sys.stdout.write(
        f"{name:<46} {median * 1e3:8.2f} ms   p90 {high * 1e3:8.2f} ms   {limit}\n"
    )
    sys.stdout.flush()


def timed(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def idle(folder: Path) -> list[float]:
    """Return what an unused `chaos` fixture adds to a test, beside any fixture."""
    found = []
    for _ in range(3):
        took = {name: _suite(folder, text) for name, text in SUITES.items()}
        found.append((took["idle"] - took["without"]) / TESTS)
    return found


def _suite(folder: Path, text: str) -> float:
    (folder / "test_it.py").write_text(HEAD + text.format(n=TESTS), "utf-8")
    called = [
        *command(),
        "-q",
        *(f"-pno:{one}" for one in ("anyio", "asyncio", "xdist")),
    ]
    environ = environment(folder / "state")

    def run() -> None:
        quiet = subprocess.DEVNULL
        subprocess.run(called, stdout=quiet, cwd=folder, env=environ, check=True)

    return timed(run)


Firsts = dict[str, list[float]]


def opened(folder: Path, upstream: str) -> tuple[list[float], Firsts]:
    """Return what opening a session takes, and then its first fault, by what it is."""
    opens: list[float] = []
    firsts: Firsts = {PROXIED: [], PAUSED: []}
    with subprocess.Popen(["sleep", "600"]) as sleeper:  # noqa: S607 - any sleep
        for _ in range(ROUNDS):
            for name, first in firsts.items():
                session = lazy.Lazy(opening.session(runs=folder / "runs"))
                took = timed(session.opened)
                opens.append(took)
                part = session.part()
                if name == PAUSED:
                    block = part.process_pause(pid=sleeper.pid)
                    first.append(took + timed(block.__enter__))
                else:
                    first.append(took + timed(lambda: _slowed(part, upstream)))  # noqa: B023 - now
                session.close()
        sleeper.kill()
    return opens, firsts


def _slowed(session: chaos.Session, upstream: str) -> None:
    """Start a proxy, and have it delay what passes."""
    session.network_latency(session.proxy(upstream), latency=0.001).__enter__()


FRESH = """
import sys, time
began = time.perf_counter()
import chaos_mcp as chaos
with chaos.session(runs=sys.argv[1]) as session:
    with session.none():
        took = time.perf_counter() - began
print(took)
"""


def fresh(folder: Path) -> list[float]:
    """Return what it takes from `import chaos_mcp` to the first fault."""
    called = [sys.executable, "-c", FRESH, str(folder / "runs")]
    return [float(subprocess.check_output(called)) for _ in range(ROUNDS)]


def faults(session: chaos.Session, upstream: str) -> tuple[list[float], list[float]]:
    """Return what entering and leaving a fault takes, on the embedded proxy."""
    enters, leaves = [], []
    proxy = session.proxy(upstream)
    for _ in range(FAULTS):
        block = session.network_latency(proxy, latency=0.001)
        enters.append(timed(block.__enter__))
        with socket.create_connection((proxy.host, proxy.port)) as one:
            one.sendall(b"x")
            one.recv(1)
        leaves.append(timed(lambda: block.__exit__(None, None, None)))  # noqa: B023 - now
    return enters, leaves


def main() -> None:
    """Measure what the issue asks for."""
    with tempfile.TemporaryDirectory() as name, echo_server() as upstream:
        folder = Path(name)
        os.environ["CHAOS_STATE_DIR"] = str(folder / "state")
        opens, firsts = opened(folder, upstream)
        say("open a session, its guardian starting", opens, "under 200 ms, once")
        say(PROXIED, firsts[PROXIED], "")
        say(PAUSED, firsts[PAUSED], "")
        say("the same in a program that has loaded nothing", fresh(folder), "")
        with chaos.session(runs=folder / "runs") as session:
            enters, leaves = faults(session, upstream)
        say("enter network.latency", enters, "under 20 ms")
        say("leave it, proven and verified", leaves, "under 20 ms")
        say("an idle `chaos` fixture, a test", idle(folder), "under 1 ms")


if __name__ == "__main__":
    main()
