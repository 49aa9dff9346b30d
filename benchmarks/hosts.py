"""How soon faults on processes and the host are proven, and verified to be gone.

`python -m benchmarks.hosts [ROUNDS]`: real targets, small stress; medians in seconds.
`python -m benchmarks.hosts runner [SECONDS]`: what the runner itself uses in a run with
50 requests a second while a processor is under stress.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio

from chaos_mcp.adapters.world import World
from chaos_mcp.events import RunnerMeasured
from chaos_mcp.journal.read import read
from chaos_mcp.registry import Registry, fault_of
from tests.faults.owned import NAME, own_system

LIMITS = {
    "process.cpu": 3.0,
    "process.memory": 3.0,
    "host.cpu": 3.0,
    "host.memory": 3.0,
}
LIMIT = 1.0
"""Seconds from inject to proven at most, and from undo to verified."""
CASES: tuple[dict[str, Any], ...] = (
    {"fault": "process.pause"},
    {"fault": "process.signal", "signal": "SIGSTOP"},
    {"fault": "process.kill", "process": NAME},
    {"fault": "clock.skew", "process": NAME, "ahead": "1h"},
    {"fault": "file.descriptors"},
    {"fault": "process.cpu", "load": "30%"},
    {"fault": "process.memory", "size": "64 MiB"},
    {"fault": "host.cpu", "cores": 1, "load": "30%"},
    {"fault": "host.memory", "size": "64 MiB"},
)
HOST = ("host.cpu", "host.memory")
EXPERIMENT = """\
title: the runner beside a stressor
system:
  processes:
    - name: store
      command: [python, -m, chaos_mcp.demo.store, --seed-prices]
    - name: shop
      command: [python, -m, chaos_mcp.demo.shop, --cache, "${{store.address}}"]
      ready: {{probe: http, url: "http://${{shop.address}}/health"}}
workload:
  - name: health
    http: {{url: "http://${{shop.address}}/health"}}
    rate: 50/s
baseline: {{for: 3s}}
perturbations:
  - {{fault: host.cpu, cores: 1, load: 30%, for: {seconds}s}}
recovery: {{within: 3s, hold: 1s}}
"""


async def measure(
    case: dict[str, Any], world: World, pid: int
) -> tuple[float, float, Any]:
    """Return the seconds to proven and to verified, and the evidence."""
    which = {} if case["fault"] in HOST else {"pid": pid}
    fault = fault_of({**case, **which}, Registry())
    memo = await fault.arm(world)
    began = time.perf_counter()
    await fault.inject(world, memo)
    evidence = await fault.prove(world, memo)
    proven = time.perf_counter() - began
    began = time.perf_counter()
    await fault.undo(world, memo)
    await fault.verify(world, memo)
    return proven, time.perf_counter() - began, evidence


async def main(rounds: int) -> bool:
    """Measure each, and tell whether all keep their limits."""
    fine = True
    with tempfile.TemporaryDirectory() as name:
        async with own_system(Path(name)) as own:
            world = replace(_world(), system=own.parts)
            for case in CASES:
                if case["fault"] == "clock.skew" and not world.clocks.library():
                    continue
                taken = [await measure(case, world, own.pid) for _ in range(rounds)]
                fine &= _say(case["fault"], taken)
    return fine


def _world() -> World:
    return World(owner=f"chaos-bench-{os.getpid()}", extra={"ttl": 60.0})


def _say(kind: str, taken: list[tuple[float, float, Any]]) -> bool:
    proven = statistics.median(one for one, _, _ in taken)
    verified = statistics.median(one for _, one, _ in taken)
    limit = LIMITS.get(kind, LIMIT)
    fine = proven < limit and verified < LIMIT
    sys.stdout.write(
        f"{kind:<18} proven {proven:6.3f} s (< {limit:g})  "
        f"verified {verified:6.3f} s (< {LIMIT:g})  {'ok' if fine else 'TOO SLOW'}  "
        f"{taken[-1][2]}\n"
    )
    sys.stdout.flush()
    return fine


def runner(seconds: int) -> bool:
    """Measure what the runner uses, and tell whether it is less than a tenth."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "it.yaml").write_text(EXPERIMENT.format(seconds=seconds), "utf-8")
        command = [sys.executable, "-m", "chaos_mcp.cli", "run", "-q", "it.yaml"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        (run,) = folder.glob("runs/*")
        events = read(run)
    used = [event for event in events if isinstance(event, RunnerMeasured)]
    if not used:
        sys.stdout.write(done.stdout.decode() + done.stderr.decode())
        return False
    sys.stdout.write(
        f"runner: {used[0].load:.1%} of one core over {used[0].seconds:.0f} s "
        f"(< 10 %), {used[0].peak_bytes / 2**20:.0f} MiB\n"
    )
    return used[0].load < 0.1  # noqa: PLR2004 - a tenth of a core


if __name__ == "__main__":
    if sys.argv[1:2] == ["runner"]:
        sys.exit(not runner(int((sys.argv[2:] or ["60"])[0])))
    sys.exit(not anyio.run(main, int((sys.argv[1:] or ["5"])[0])))
