"""How soon everything is undone and verified after the runner was killed or stopped.

`python -m benchmarks.takeover [KILLS]`: real runs, the embedded proxy, real signals.
The time is taken from the signal to `fault.verified`, by the wall clock of one machine.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, cast

import anyio

from chaos_mcp.events import FaultArmed, FaultInjected, FaultVerified
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read

LEASE = 1.0
EXPERIMENT = """\
title: a fault that stands until somebody takes it back
system:
  proxies:
    - {name: cache, upstream: "127.0.0.1:9"}
perturbations:
  - {fault: network.partition, proxy: cache, for: 60s}
"""
PATIENCE = 30.0


def measure(number: signal.Signals, folder: Path) -> float:
    """Return the seconds from a signal to the fault's verified end."""
    file = folder / "it.yaml"
    file.write_text(EXPERIMENT, "utf-8")
    command = [sys.executable, "-m", "chaos_mcp.cli", "run", "-q", "--lease"]
    with subprocess.Popen(
        [*command, f"{LEASE}s", str(file)],
        cwd=folder,
        env={**os.environ, "CHAOS_STATE_DIR": str(folder / "state")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _wait(folder, FaultInjected)
        time.sleep(0.02)
        began = time.time()
        process.send_signal(number)
        verified = _wait(folder, FaultVerified)
        process.kill()
    return verified - began


def _wait(folder: Path, kind: type[FaultInjected | FaultVerified]) -> float:
    """Return when such an event was written down."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for journal in folder.glob("runs/*/events.jsonl"):
            for event in read(journal):
                if isinstance(event, kind):
                    return event.wall
        time.sleep(0.01)
    raise TimeoutError(kind.__name__)


def ready() -> tuple[float, float, float]:
    """Return how long the guardian takes to be ready, and its MiB then and warm."""
    module = [sys.executable, "-P", "-m", "chaos_mcp.engine.guardian"]
    began = time.perf_counter()
    with subprocess.Popen(
        [*module, "/nowhere", str(os.getpid()), "10", "network.partition", "embedded"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        stdin, stdout = (
            cast("IO[bytes]", process.stdin),
            cast("IO[bytes]", process.stdout),
        )
        stdout.readline()
        took = time.perf_counter() - began
        process.send_signal(signal.SIGSTOP)
        lean = _resident(process.pid)
        process.send_signal(signal.SIGCONT)
        stdout.readline()
        warm = _resident(process.pid)
        stdin.write(b"bye\n")
        stdin.close()
    return took, lean, warm


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def writing_ahead(times: int, folder: Path) -> float:
    """Return the median time that a fault waits for its record, synced."""
    journal, taken = Journal(folder, "r1"), []
    armed = FaultArmed(
        fault="1-network.partition",
        name="cut the cache off",
        spec={"fault": "network.partition", "proxy": "cache", "direction": "both"},
        memo={"proxy": "cache", "listen": "127.0.0.1:9", "toxics": ["a", "b"]},
        owner="chaos-r1-1",
        lease=10,
        expires=0,
    )
    for _ in range(times):
        began = time.perf_counter()
        await journal.keep_room()
        await journal.record_durably(armed)
        taken.append(time.perf_counter() - began)
    journal.close()
    return statistics.median(taken)


def main(kills: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # a disk, not memory
        waits = anyio.run(writing_ahead, 200, Path(folder))
    sys.stdout.write(f"a fault waits {waits * 1e3:.2f} ms for its record (of 200)\n")
    starts = [ready() for _ in range(kills)]
    took, lean, warm = (statistics.median(each) for each in zip(*starts, strict=True))
    sys.stdout.write(
        f"the guardian is ready after {took * 1e3:.0f} ms (median of {kills}) with "
        f"{lean:.1f} MiB, and has {warm:.1f} MiB once all is loaded\n"
    )
    for number, times, extra in (
        (signal.SIGKILL, kills, 0.0),
        (signal.SIGSTOP, max(5, kills // 10), LEASE),
    ):
        found = []
        for _ in range(times):
            with tempfile.TemporaryDirectory(prefix="takeover-") as folder:
                found.append(measure(number, Path(folder)) - extra)
        beyond = f" beyond the lease of {extra:g} s" if extra else ""
        sys.stdout.write(
            f"{number.name}, {times} times: median {statistics.median(found):.3f} s, "
            f"worst {max(found):.3f} s{beyond}\n"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
