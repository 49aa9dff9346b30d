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
from chaos_mcp.errors import ChaosError
from chaos_mcp.machine import index
from chaos_mcp.machine.identity import Identity, boot, leaving, space

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

    from chaos_mcp.adapters.local import Disposition

PROC = Path("/proc")
KERNEL = 0x00200000
"""The flag of a thread of the kernel (`PF_KTHREAD`)."""
OURS = "our own life depends on it"
GUARDIAN = "chaos_mcp.engine.guardian"
"""The module by whose name a guardian is known, in its command line."""
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

    def protected(self) -> dict[int, str]:
        """Return whom our life depends on, other runs' runners, and all guardians."""
        return {**dict(_machinery()), **dict.fromkeys(self._line(), OURS)}

    def _line(self) -> set[int]:
        """Return this process, its parent, and so on up to the first of all."""
        found, pid = {1}, os.getpid()
        while pid > 0 and pid not in found:
            found.add(pid)
            one = self.look(pid)
            pid = one.parent if one else 0
        return found

    def command(self, pid: int) -> str:
        """Return the words of a command line with blanks between them."""
        import psutil  # noqa: PLC0415 - only where processes are looked for

        with suppress(psutil.Error, OSError):
            return " ".join(psutil.Process(pid).cmdline())
        return ""

    async def everyone(self) -> list[ProcessSeen]:
        """Return all processes; a thread looks, since there may be thousands."""
        return await anyio.to_thread.run_sync(self.at_once)

    def at_once(self) -> list[ProcessSeen]:
        """Return all processes."""
        return list(self._everyone())

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
            who=Identity(pid, words[19], self._boot, self._space),
            born=int(words[19]) / self._ticks,
            parent=int(words[1]),
            session=int(words[3]),
            state=words[0],
            cpu=(int(words[11]) + int(words[12])) / self._ticks,
            name=head.partition("(")[2],
            kernel=bool(int(words[6]) & KERNEL),
            dying=leaving(words),
        )

    @cached_property
    def _boot(self) -> str:
        return boot()

    @cached_property
    def _space(self) -> str:
        return space()

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

    def send(self, who: Identity, number: signal.Signals) -> bool:
        """Send a signal to whoever is meant, and to nobody who has its number now."""
        # A handle is got first and the identity seen after, so that the number cannot
        # pass on to somebody else in between.
        handle = _handle(who.pid)
        try:
            one = self.look(who.pid)
            if one is None or one.who != who:
                return False
            if handle is None:
                os.kill(who.pid, number)
            else:
                signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            if handle is not None:
                os.close(handle)
        return True

    def stopped(self, who: Identity) -> bool:
        """Ask psutil, and whether a stop is on its way to it."""
        import psutil  # noqa: PLC0415 - only where processes are looked for

        one = self.look(who.pid)
        if one is None or one.who != who or one.state in ("Z", "X"):
            return False
        with suppress(psutil.Error):
            if psutil.Process(who.pid).status() == psutil.STATUS_STOPPED:
                return True
        return self.waits(who, signal.SIGSTOP)

    def waits(self, who: Identity, number: signal.Signals) -> bool:
        """Tell whether a signal waits until a process comes back from the kernel."""
        return self._has(who.pid, "(?:Sig|Shd)Pnd", number)

    def disposition(self, who: Identity, number: signal.Signals) -> Disposition:
        """Read the masks of signals; where there are none, it is the default."""
        if self._has(who.pid, "SigCgt", number):
            return "caught"
        return "ignored" if self._has(who.pid, "SigIgn", number) else "default"

    def _has(self, pid: int, mask: str, number: signal.Signals) -> bool:
        """Tell whether a signal is in a mask of /proc/PID/status."""
        with suppress(OSError):
            text = (self._proc / str(pid) / "status").read_text("ascii", "replace")
            found = re.findall(rf"^{mask}:\s*([0-9a-f]+)$", text, re.MULTILINE)
            return any(int(bits, 16) >> (number - 1) & 1 for bits in found)
        return False


def _machinery() -> Iterator[tuple[int, str]]:
    """Yield the processes of this and other runs that take faults back, and why."""
    import psutil  # noqa: PLC0415 - only where processes are looked for

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if GUARDIAN in process.cmdline():
                yield process.pid, "it is the guardian of a run"
    with suppress(ChaosError):  # no folder to look in: nobody has left word
        for entry in index.entries():
            if entry.runner.alive():
                yield entry.runner.pid, f"it carries out the run {entry.run}"


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
        who=Identity(process.pid, f"{born:.2f}", boot(), space()),
        born=born,
        parent=process.ppid(),
        session=os.getsid(process.pid),
        state=STATES.get(process.status(), "S"),
        cpu=times.user + times.system,
        name=process.name(),
    )
