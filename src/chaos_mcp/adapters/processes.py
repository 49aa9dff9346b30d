"""The processes of this machine: who they are, what they do, stopping them."""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread

from chaos_mcp.adapters.local import ProcessSeen
from chaos_mcp.machine.identity import boot, space

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

PROC = Path("/proc")
KERNEL = 0x00200000
"""The flag of a thread of the kernel (`PF_KTHREAD`)."""
STOP = 1 << (signal.SIGSTOP - 1)
PENDING = re.compile(r"^(?:Sig|Shd)Pnd:\s*([0-9a-f]+)$", re.MULTILINE)
"""Signals that are on their way, to a thread and to the process."""
STATES = {
    "stopped": "T",
    "tracing-stop": "t",
    "zombie": "Z",
    "dead": "X",
    "running": "R",
    "disk-sleep": "D",
}
"""What psutil says, in the letters of ps; whatever else there is sleeps."""


class LocalProcesses:
    """Reads `/proc`, or asks psutil where there is none; see `Processes`."""

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc
        self._linux = (proc / "self" / "stat").exists()

    def clock(self) -> float:
        """Return seconds since the boot, or since 1970 where there is no `/proc`."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) if self._linux else time.time()

    def space(self) -> str:
        """Return our pid namespace."""
        return space()

    def ourselves(self) -> frozenset[int]:
        """Return this process, its parent, and so on up to the first of all."""
        found, pid = {1}, os.getpid()
        while pid > 0 and pid not in found:
            found.add(pid)
            one = self.look(pid)
            pid = one.parent if one else 0
        return frozenset(found)

    async def everyone(self) -> list[ProcessSeen]:
        """Return all processes; a thread looks, since there may be thousands."""
        return await anyio.to_thread.run_sync(lambda: list(self._everyone()))

    def _everyone(self) -> Iterator[ProcessSeen]:
        import psutil  # noqa: PLC0415 - only where processes are looked for

        for pid in psutil.pids():
            one = self.look(pid)
            if one is not None:
                yield one

    def look(self, pid: int) -> ProcessSeen | None:
        """Return a process, or None."""
        if not self._linux:
            return _asked(pid)
        with suppress(OSError):
            text = (self._proc / str(pid) / "stat").read_text("utf-8", "replace")
            return self._read(pid, text)
        return None

    def _read(self, pid: int, text: str) -> ProcessSeen:
        # The name may hold anything, brackets and line ends among it.
        head, _, tail = text.rpartition(")")
        words = tail.split()
        return ProcessSeen(
            pid=pid,
            birth=f"{self._boot}:{words[19]}",
            born=int(words[19]) / self._ticks,
            parent=int(words[1]),
            session=int(words[3]),
            state=words[0],
            cpu=(int(words[11]) + int(words[12])) / self._ticks,
            name=head.partition("(")[2],
            kernel=bool(int(words[6]) & KERNEL),
        )

    @cached_property
    def _boot(self) -> str:
        return boot()

    @cached_property
    def _ticks(self) -> int:
        return os.sysconf("SC_CLK_TCK")

    def allowed(self, pid: int) -> bool:
        """Tell whether we may send it signals; it is sent none."""
        try:
            os.kill(pid, 0)
        except PermissionError:
            return False
        except ProcessLookupError:
            pass
        return True

    def stop(self, pid: int, birth: str) -> bool:
        """Send SIGSTOP, which no process can refuse."""
        return self._send(pid, birth, signal.SIGSTOP)

    def resume(self, pid: int, birth: str) -> bool:
        """Send SIGCONT, which also takes back a stop that has not come to pass."""
        return self._send(pid, birth, signal.SIGCONT)

    def _send(self, pid: int, birth: str, number: signal.Signals) -> bool:
        # A handle is got first and the identity seen after, so that the number cannot
        # pass on to somebody else in between.
        handle = _handle(pid)
        try:
            one = self.look(pid)
            if one is None or one.birth != birth:
                return False
            if handle is None:
                os.kill(pid, number)
            else:
                signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            if handle is not None:
                os.close(handle)
        return True

    def stopped(self, pid: int, birth: str) -> bool:
        """Ask psutil, and whether a stop is on its way to it."""
        import psutil  # noqa: PLC0415 - only where processes are looked for

        one = self.look(pid)
        if one is None or one.birth != birth or one.state in ("Z", "X"):
            return False
        with suppress(psutil.Error):
            if psutil.Process(pid).status() == psutil.STATUS_STOPPED:
                return True
        return self._stopping(pid)

    def _stopping(self, pid: int) -> bool:
        """Tell whether a stop waits until a process comes back from the kernel."""
        with suppress(OSError):
            text = (self._proc / str(pid) / "status").read_text("ascii", "replace")
            return any(int(bits, 16) & STOP for bits in PENDING.findall(text))
        return False


def _handle(pid: int) -> int | None:
    """Return what stands for a process even once its number is somebody else's."""
    with suppress(OSError, AttributeError):
        return os.pidfd_open(pid)
    return None


def _asked(pid: int) -> ProcessSeen | None:
    """Return what psutil knows of a process."""
    import psutil  # noqa: PLC0415 - only where processes are looked for

    with suppress(psutil.Error, ProcessLookupError):
        process = psutil.Process(pid)
        with process.oneshot():
            return _seen(process)
    return None


def _seen(process: psutil.Process) -> ProcessSeen:
    born, times = process.create_time(), process.cpu_times()
    return ProcessSeen(
        pid=process.pid,
        birth=f"{born:.3f}",
        born=born,
        parent=process.ppid(),
        session=os.getsid(process.pid),
        state=STATES.get(process.status(), "S"),
        cpu=times.user + times.system,
        name=process.name(),
    )
