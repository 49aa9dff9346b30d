"""The control groups of a process, of the first and the second version."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PROC = Path("/proc")
CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory")
"""Those by which processor time and memory are counted and limited."""


def groups(pid: int, root: Path = ROOT, proc: Path = PROC) -> dict[str, str]:
    """Return the directories of a process' groups, by controller; `` is version two.

    A group that cannot be seen from here, as that of another container, is left out.
    """
    found = {}
    with suppress(OSError):
        for line in (proc / str(pid) / "cgroup").read_text("utf-8").splitlines():
            _, names, path = line.split(":", 2)
            for name in names.split(","):
                if name in (*CONTROLLERS, "") and (place := _place(root, name, path)):
                    found[name] = place
    return found


def _place(root: Path, controller: str, path: str) -> str:
    """Return where a group is; systemd and others mount the second version below."""
    bases = [root / controller] if controller else [root, root / "unified"]
    for base in bases:
        here = base / path.lstrip("/")
        if (here / "cgroup.procs").exists() and (controller or _second(base)):
            return str(here)
    return ""


def _second(base: Path) -> bool:
    return (base / "cgroup.controllers").exists()


def to_join(pid: int, root: Path = ROOT, proc: Path = PROC) -> tuple[list[str], str]:
    """Return the groups in which a process is and we are not, or one we may not join.

    All of them or none: half of a group's limits would be a lie.
    """
    ours, theirs = groups(os.getpid(), root, proc), groups(pid, root, proc)
    others = [place for name, place in theirs.items() if ours.get(name) != place]
    for place in others:
        if not os.access(Path(place) / "cgroup.procs", os.W_OK):
            return [], place
    return others, ""


def limits(pid: int, root: Path = ROOT, proc: Path = PROC) -> list[str]:
    """Return the groups whose limits of memory hold for a process, innermost first."""
    found = groups(pid, root, proc)
    place = found.get("memory") or found.get("")
    if place is None:
        return []
    here = Path(place)
    line = [here, *here.parents]
    return [str(one) for one in line if root in one.parents and _limited(one)]


def _limited(group: Path) -> bool:
    """Tell whether a group has a limit; without one the first version says 2^63."""
    with suppress(OSError, ValueError):
        return limit(group) < 2**60
    return False


def limit(group: Path) -> int:
    """Return how many bytes a group may have; raise `ValueError` if all of them."""
    for name in ("memory.max", "memory.limit_in_bytes"):
        if (group / name).exists():
            return int((group / name).read_text("ascii"))
    raise ValueError(f"{group} has no limit")
