"""A process that only uses up processor time, or memory, and ends by itself.

`python -I -S stressor.py TAG JOB`: the tag is for whoever looks for it, the job is JSON
(`stress.Job`). It is quick to start, so it imports nothing but the standard library.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

SLICE = 0.02
"""Seconds in which the load is right on average."""
DEBT = 0.25
"""Seconds by which it may be behind; more is not caught up."""
CHUNK = 2**24
BLOCK = os.urandom(2**20)
LOOK = 0.1
"""Seconds between two looks at how much memory others still have."""
SESSION = Path("/proc/self/autogroup")
TRIES = 50
PDEATHSIG = 1
"""The number of `PR_SET_PDEATHSIG` (prctl(2))."""
FIRST_TO_GO = "1000"
"""For /proc/self/oom_score_adj: where memory runs out, we are ended before others."""


def main(job: dict[str, Any]) -> None:
    """Do a job until its time is over, or whoever started us is gone."""
    end = time.monotonic() + job["seconds"]
    _humble(job)
    if os.getppid() != job["parent"]:
        return  # gone before it could be tied to us
    if job["bytes"]:
        hold(job, end)
    else:
        burn(job["load"], end)


def _humble(job: dict[str, Any]) -> None:
    """End with our parent, before others, give way to others, and go where told."""
    import ctypes  # noqa: PLC0415 - only in a process of its own

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, "ascii")
    _give_way(job["nice"])
    for group in job["groups"]:
        with suppress(OSError):
            Path(group, "cgroup.procs").write_text("0", "ascii")
    if job["cpus"]:
        with suppress(OSError, AttributeError):
            os.sched_setaffinity(0, job["cpus"])


def _give_way(nice: int) -> None:
    """Lower our priority, and our session's: by sessions, many kernels share first."""
    os.nice(nice)
    with suppress(OSError):
        for _ in range(TRIES):
            try:
                SESSION.write_text(str(nice), "ascii")
                break
            except BlockingIOError:  # ten a second are let through, machine-wide
                time.sleep(SLICE)


def burn(load: float, end: float) -> None:
    """Use a share of one processor; what others take from us is caught up soon."""
    began, used = time.monotonic(), time.process_time()
    while (now := time.monotonic()) < end:
        due = used + load * (now - began + SLICE)
        while time.process_time() < due and time.monotonic() < end:
            pass
        late = time.monotonic() - (began + (time.process_time() - used) / load)
        if late < 0:
            time.sleep(-late)
        elif late > DEBT:
            began, used = time.monotonic(), time.process_time()


def hold(job: dict[str, Any], end: float) -> None:
    """Take memory until there is enough of it; give back what others need."""
    held: list[mmap.mmap] = []
    taken, most = 0, job["bytes"]
    while time.monotonic() < end:
        spare = available(job["limits"]) - job["reserve"]
        step = min(CHUNK, most - taken)
        if spare < 0 and held:
            chunk = held.pop()
            taken, most = taken - len(chunk), taken - len(chunk)
            chunk.close()
        elif step > 0 and spare > step:
            held.append(_filled(step))
            taken += step
        else:
            time.sleep(LOOK)


def _filled(size: int) -> mmap.mmap:
    """Return memory that is really there, since it was written to.

    It is mapped as shared (that is the default), and so counted apart from our own.
    """
    chunk = mmap.mmap(-1, size)
    for start in range(0, size, len(BLOCK)):
        part = BLOCK[: size - start]
        chunk[start : start + len(part)] = part
    return chunk


def available(limits: list[str]) -> int:
    """Return the bytes that can still be had, on this machine and in these cgroups."""
    rooms = [_meminfo()]
    for group in limits:
        with suppress(OSError, ValueError):
            rooms.append(room(Path(group)))
    return min(rooms)


def _meminfo() -> int:
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return sys.maxsize


def room(group: Path) -> int:
    """Return what a cgroup may still have: of its cache, what can be dropped, too.

    Raise `ValueError` if it has no limit.
    """
    second = (group / "memory.max").exists()
    limit, usage = (
        ("max", "current") if second else ("limit_in_bytes", "usage_in_bytes")
    )
    most = int((group / f"memory.{limit}").read_text("ascii"))
    now = int((group / f"memory.{usage}").read_text("ascii"))
    cached = 0
    for line in (group / "memory.stat").read_text("ascii").splitlines():
        if line.startswith("inactive_file " if second else "total_inactive_file "):
            cached = int(line.split()[1])
    return most - now + cached


if __name__ == "__main__":
    main(json.loads(sys.argv[2]))
