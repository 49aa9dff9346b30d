"""What a process has used, with all that it has started: a small file for each."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.machine.identity import Identity

PROC = Path("/proc")
THREADS = 100
"""Threads of a process that are asked what they have started; each is a file."""
CPU = slice(11, 15)
"""In /proc/PID/stat, behind the name: user and system time, its own and of its dead."""
BIRTH, PAGES = 19, 21


@dataclass(frozen=True, slots=True)
class ProcessUsage:
    """What a process and its descendants have used so far, and have now."""

    cpu: float
    """Seconds of processor time."""
    memory: int
    """Bytes that are resident; pages that two of them share count for both."""


def usage(who: Identity, proc: Path = PROC) -> ProcessUsage | None:
    """Return what exactly this process and its descendants use; None if it is gone."""
    if not (proc / "self" / "stat").exists():
        return _asked(who)
    first = _stat(proc, who.pid)
    if first is None or first[BIRTH] != who.birth:
        return None
    stats = [first, *_below(proc, who.pid)]
    ticks = sum(int(word) for stat in stats for word in stat[CPU])
    pages = sum(int(stat[PAGES]) for stat in stats)
    return ProcessUsage(ticks / _ticks(), pages * _page())


def own_usage(proc: Path = PROC) -> ProcessUsage:
    """Return what this process itself uses, without what it has started."""
    stat = _stat(proc, os.getpid())
    memory = int(stat[PAGES]) * _page() if stat else _own_memory()
    return ProcessUsage(time.process_time(), memory)


def _own_memory() -> int:
    import psutil  # noqa: PLC0415 - where there is no /proc

    memory: int = psutil.Process().memory_info().rss
    return memory


def _below(proc: Path, pid: int) -> Iterator[list[str]]:
    """Yield the figures of who descends from a process; one seen twice counts once."""
    known, waiting = {pid}, list(_children(proc, pid))
    while waiting:
        child = waiting.pop()
        stat = None if child in known else _stat(proc, child)
        if stat is not None:
            known.add(child)
            waiting.extend(_children(proc, child))
            yield stat


def _stat(proc: Path, pid: int) -> list[str] | None:
    """Return the words behind the name, which may hold anything; None of the dead."""
    with suppress(OSError):
        text = (proc / str(pid) / "stat").read_text("utf-8", "replace")
        words = text.rpartition(")")[2].split()
        return None if words[0] in "ZX" else words
    return None


def _children(proc: Path, pid: int) -> Iterator[int]:
    with suppress(OSError):
        folder = proc / str(pid) / "task"
        for thread in os.listdir(folder)[:THREADS]:  # noqa: PTH208 - names will do
            with suppress(OSError):
                text = (folder / thread / "children").read_text("ascii")
                yield from map(int, text.split())


@cache
def _ticks() -> int:
    return os.sysconf("SC_CLK_TCK")


@cache
def _page() -> int:
    return os.sysconf("SC_PAGE_SIZE")


def _asked(who: Identity) -> ProcessUsage | None:
    """Ask psutil, where there is no /proc: of the process alone."""
    import psutil  # noqa: PLC0415 - where there is no /proc

    with suppress(psutil.Error):
        process = psutil.Process(who.pid)
        if f"{process.create_time():.2f}" == who.birth:
            times = process.cpu_times()
            cpu = times.user + times.system
            return ProcessUsage(cpu, process.memory_info().rss)
    return None
