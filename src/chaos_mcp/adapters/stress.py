"""Stressors: processes of ours that use something up, known by the tag they carry."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import TYPE_CHECKING, Protocol

import anyio
import anyio.to_thread

from chaos_mcp.adapters import cgroups
from chaos_mcp.adapters.stressor import available
from chaos_mcp.machine.maker import MAKER, mark
from chaos_mcp.machine.tagged import tagged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FAULT = "CHAOS_FAULT"
"""The variable by which a process says which fault it is a part of."""
SCRIPT = str(Path(__file__).with_name("stressor.py"))
GOING = 5.0
"""Seconds that a killed stressor has to be gone."""
POLL = 0.002
NANO = 1e-9
_STARTED: list[Popen[bytes]] = []
"""Our own children, who stay as zombies until we have looked after them."""


@dataclass(frozen=True, slots=True)
class Job:
    """What one stressor does."""

    seconds: float
    """After so many it ends by itself, whatever becomes of us."""
    load: float = 0.0
    """The share of one processor that it uses."""
    bytes: int = 0
    """Or the memory that it takes."""
    reserve: int = 0
    """The memory that it leaves to others, whatever happens."""
    nice: int = 0
    """How far it gives way to others."""
    groups: tuple[str, ...] = ()
    """The cgroups that it joins."""
    limits: tuple[str, ...] = ()
    """The cgroups whose limits it has to keep away from."""
    cpus: tuple[int, ...] = ()
    """The processors on which it runs; none: all of them."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a stressor has had so far."""

    pid: int
    ran: float
    """Seconds of processor time."""
    waited: float
    """Seconds in which it wanted to run, and others did."""
    resident: int
    """Bytes of memory that it has taken; where they are counted, without its own."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory that there is to a process: the machine's, or less by its cgroup."""

    total: int
    available: int


class Stressors(Protocol):
    """Whoever starts stressors, and finds them again by their tag."""

    async def start(self, tag: str, jobs: Sequence[Job]) -> None:
        """Start one stressor a job."""
        ...

    async def end(self, tag: str) -> None:
        """End all that carry the tag, whoever has started them, if there are any."""
        ...

    async def left(self, tag: str) -> list[int]:
        """Return those that there are, found by another path than `end` finds them."""
        ...

    async def use(self, tag: str) -> list[Use]:
        """Return what those that carry the tag have had so far."""
        ...

    def place(self, pid: int) -> tuple[tuple[str, ...], str, tuple[int, ...]]:
        """Return the cgroups to join, the one that we may not, and the processors."""
        ...

    def memory(self, pid: int) -> Memory:
        """Return the memory that there is to a process."""
        ...

    def limits(self, pid: int) -> tuple[str, ...]:
        """Return the cgroups whose limits of memory hold for a process."""
        ...

    def processors(self) -> int:
        """Return how many processors we may use."""
        ...


class LocalStressors:
    """Starts them on this machine."""

    async def start(self, tag: str, jobs: Sequence[Job]) -> None:
        """Start them as children of this thread, with which they end."""
        for job in jobs:
            words = json.dumps({**asdict(job), "parent": os.getpid()})
            command = [sys.executable, "-I", "-S", SCRIPT, tag, words]
            child = Popen(  # noqa: ASYNC220, S603 - 1 ms; ours; a thread's child ends with it
                command,
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=DEVNULL,
                env={FAULT: tag, MAKER: mark()},
                start_new_session=True,
            )
            _STARTED.append(child)
            await _known(child, tag)

    async def end(self, tag: str) -> None:
        """Kill them until there are none; they hold nothing that they could lose."""
        with anyio.move_on_after(GOING):
            while here := await _tagged(tag):
                for pid in here:
                    with suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
                await anyio.sleep(POLL)
        _STARTED[:] = [one for one in _STARTED if one.poll() is None]

    async def left(self, tag: str) -> list[int]:
        """Look through all command lines."""
        return await anyio.to_thread.run_sync(lambda: list(_called(tag)))

    async def use(self, tag: str) -> list[Use]:
        """Read what the kernel has counted."""
        found = [_use(pid) for pid in await _tagged(tag)]
        return [one for one in found if one is not None]

    def place(self, pid: int) -> tuple[tuple[str, ...], str, tuple[int, ...]]:
        """Read /proc/PID/cgroup and the affinity."""
        joined, refused = cgroups.to_join(pid)
        cpus: Iterable[int] = ()
        with suppress(OSError, AttributeError):
            theirs = os.sched_getaffinity(pid)
            cpus = () if theirs == os.sched_getaffinity(0) else theirs
        return tuple(joined), refused, tuple(sorted(cpus))

    def memory(self, pid: int) -> Memory:
        """Ask psutil, and the cgroups."""
        import psutil  # noqa: PLC0415 - only where memory is to be used up

        found, limits = psutil.virtual_memory(), self.limits(pid)
        totals = [found.total, *(cgroups.limit(Path(one)) for one in limits)]
        return Memory(min(totals), min(found.available, available([*limits])))

    def limits(self, pid: int) -> tuple[str, ...]:
        """Read /proc/PID/cgroup."""
        return tuple(cgroups.limits(pid))

    def processors(self) -> int:
        """Return how many we may run on."""
        with suppress(AttributeError):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1


async def _known(child: Popen[bytes], tag: str) -> None:
    """Wait until a child can be found by its tag, or has ended.

    `Popen` returns when the child has let go of our memory, which is before the kernel
    has laid out its own: for a moment it has neither an environment nor a command line.
    """
    with anyio.move_on_after(GOING):
        while child.poll() is None and not (  # noqa: ASYNC110 - the kernel tells nobody
            child.pid in await _tagged(tag) and child.pid in _called(tag)
        ):
            await anyio.sleep(POLL)


async def _tagged(tag: str) -> list[int]:
    return await anyio.to_thread.run_sync(tagged, FAULT, tag)


def _called(tag: str) -> Iterable[int]:
    """Yield the stressors whose command line has the tag."""
    import psutil  # noqa: PLC0415 - only where stressors are looked for

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            words = process.cmdline()
            if SCRIPT in words and tag in words:
                yield process.pid


def _taken(pid: int) -> int | None:
    """Return what a stressor has taken: mapped as shared, as the interpreter is not."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/status").read_text("utf-8", "replace")
        found = re.search(r"^RssShmem:\s+(\d+) kB$", text, re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    return None


def _use(pid: int) -> Use | None:
    import psutil  # noqa: PLC0415 - only where stressors are looked for

    with suppress(psutil.Error, OSError, ValueError):
        process = psutil.Process(pid)
        resident = _taken(pid)
        if resident is None:
            resident = process.memory_info().rss
        with suppress(FileNotFoundError):
            text = Path(f"/proc/{pid}/schedstat").read_text("ascii")
            ran, waited, _ = (int(word) * NANO for word in text.split())
            return Use(pid, ran, waited, resident)
        times = process.cpu_times()
        return Use(pid, times.user + times.system, 0.0, resident)
    return None
