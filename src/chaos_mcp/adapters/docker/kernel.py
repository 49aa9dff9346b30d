"""What the kernel knows of a container: its use of the machine, and its real limits.

Quicker than to ask the engine, which looks once a second, and another witness.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from chaos_mcp.adapters.containers import Limits, Usage

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
WITHOUT = 2**62
"""Bytes from which on a limit is none; the kernel writes a little less than 2**63."""
PERIOD = 100_000
Fields = dict[str, int]


class Group:
    """A container's control group, of either version."""

    def __init__(self, pid: int, container: str) -> None:
        self.paths = _paths(pid)
        if not any(container in path for path in self.paths.values()):
            # Numbers mean other processes here than where the engine is.
            raise FileNotFoundError(f"{pid} is not a process of {container}")
        self.unified = "cpu" not in self.paths

    def path(self, controller: str) -> str:
        """Return its path in the hierarchy of a controller."""
        return self.paths["" if self.unified else controller]

    def read(self, controller: str, name: str) -> str:
        """Return what stands in a file of it."""
        root = CGROUPS if self.unified else CGROUPS / controller
        folder = root / self.path(controller).lstrip("/")
        return (folder / name).read_text("ascii").strip()

    def fields(self, controller: str, name: str) -> Fields:
        """Return a file of lines that are a word and a number."""
        lines = (line.split() for line in self.read(controller, name).splitlines())
        return {line[0]: int(line[1]) for line in lines if len(line) > 1}

    def usage(self) -> Usage:
        """Return what it has used so far."""
        stat = self.fields("memory", "memory.stat")
        cache = stat.get("total_inactive_file", stat.get("inactive_file", 0))
        if self.unified:
            cpu = self.fields("cpu", "cpu.stat")
            used, memory = cpu["usage_usec"] / 1e6, "memory.current"
        else:
            cpu = self.fields("cpu", "cpu.stat")
            used = int(self.read("cpuacct", "cpuacct.usage")) / 1e9
            memory = "memory.usage_in_bytes"
        return Usage(
            read=time.time(),
            cpu=used,
            memory=max(0, int(self.read("memory", memory)) - cache),
            throttled=cpu.get("nr_throttled", 0),
        )

    def limits(self) -> Limits:
        """Return its limits, those of processor time always as a quota."""
        if self.unified:
            quota, period = self.read("cpu", "cpu.max").split()
            memory = self.read("memory", "memory.max")
            swap = self._swap_max(memory)
        else:
            quota = self.read("cpu", "cpu.cfs_quota_us")
            period = self.read("cpu", "cpu.cfs_period_us")
            memory = self.read("memory", "memory.limit_in_bytes")
            swap = self._memsw()
        return Limits(
            cpu_quota=_bounded(quota),
            cpu_period=int(period),
            memory=_bounded(memory),
            memory_swap=_bounded(swap),
        )

    def _memsw(self) -> str:
        with suppress(FileNotFoundError):  # swap is not counted
            return self.read("memory", "memory.memsw.limit_in_bytes")
        return "-1"

    def _swap_max(self, memory: str) -> str:
        with suppress(FileNotFoundError):
            swap = self.read("memory", "memory.swap.max")
            if "max" not in (swap, memory):
                return str(int(swap) + int(memory))
        return "max"


def group(pid: int, container: str) -> Group | None:
    """Return the control group of a container, where we can see it."""
    with suppress(OSError, KeyError, ValueError):
        return Group(pid, container) if pid else None
    return None


def usage(pid: int, container: str) -> Usage | None:
    """Return what a container has used, where the kernel tells us."""
    with suppress(OSError, KeyError, ValueError):
        if found := group(pid, container):
            return found.usage()
    return None


def limits(pid: int, container: str) -> Limits | None:
    """Return a container's limits, where the kernel tells us."""
    with suppress(OSError, KeyError, ValueError):
        if found := group(pid, container):
            return found.limits()
    return None


def routes(pid: int, container: str) -> int | None:
    """Return how many routes a container has, where the kernel tells us."""
    if group(pid, container) is None:
        return None
    with suppress(OSError):
        lines = (PROC / str(pid) / "net/route").read_text("ascii").splitlines()
        return max(0, len(lines) - 1)
    return None


def _paths(pid: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in (PROC / str(pid) / "cgroup").read_text("utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        found |= dict.fromkeys(controllers.split(","), path)
    return found


def _bounded(text: str) -> int | None:
    value = -1 if text == "max" else int(text)
    return value if 0 < value < WITHOUT else None
