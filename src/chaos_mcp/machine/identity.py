"""Who a process is: a number alone could be somebody else's by now."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

PROC = Path("/proc")
_BIRTH = 19
"""`starttime` in /proc/PID/stat, counted from behind the name (proc(5), field 22)."""
_STATE, _FLAGS, _PENDING = 0, 6, 28
_LEAVING = 0x4 | 0x400
"""Flags of a process that is on its way out: it ends, or a signal has ended it."""
_KILLED = 1 << (signal.SIGKILL - 1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for as long as it lives, told from every other that ever lived."""

    pid: int
    birth: str
    """When it began: clock ticks since the machine started, or seconds."""
    boot: str
    """Which start of the machine that was."""
    space: str = ""
    """The namespace that its number belongs to: another container has its own."""

    def alive(self) -> bool:
        """Tell whether it still runs; one of another machine or boot does not."""
        return self.boot == boot() and birth_of(self.pid) == self.birth

    def dying(self) -> bool:
        """Tell whether it is on its way out, and cannot come back.

        Giving memory back takes a moment, in which it is neither dead nor alive.
        """
        fields = _fields(self.pid)
        return bool(fields and fields[_BIRTH] == self.birth and leaving(fields))

    def knowable(self) -> bool:
        """Tell whether we can know: not of what runs in another container."""
        return self.boot != boot() or self.space == space()

    def as_json(self) -> dict[str, Any]:
        """Return it as it is written down."""
        return {
            "pid": self.pid,
            "birth": self.birth,
            "boot": self.boot,
            "space": self.space,
        }


def identity_of(pid: int) -> Identity:
    """Return who has this number now."""
    return Identity(pid, birth_of(pid), boot(), space())


def identity_from(written: Any) -> Identity | None:
    """Return an identity that was written down, or None if it is none."""
    try:
        return Identity(
            int(written["pid"]),
            str(written["birth"]),
            str(written["boot"]),
            str(written.get("space", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def birth_of(pid: int) -> str:
    """Return when a living process began; empty if there is none, or it is dead."""
    fields = _fields(pid)
    if fields is None:
        return "" if PROC.is_dir() and _linux() else _birth_by_psutil(pid)
    return "" if fields[_STATE] in "ZX" else fields[_BIRTH]


def _fields(pid: int) -> list[str] | None:
    """Return what the kernel says of a process, from behind its name."""
    with suppress(OSError):
        text = (PROC / str(pid) / "stat").read_text("utf-8", "replace")
        return text.rpartition(")")[2].split()
    return None


def leaving(fields: Sequence[str]) -> bool:
    """Tell of what stands behind the name in /proc/PID/stat whether it is ending."""
    return bool(int(fields[_FLAGS]) & _LEAVING or int(fields[_PENDING]) & _KILLED)


def boot() -> str:
    """Return which start of the machine this is."""
    with suppress(OSError):
        text = (PROC / "sys/kernel/random/boot_id").read_text("ascii")
        return text.strip()
    import psutil  # noqa: PLC0415 - where there is no /proc

    return f"{psutil.boot_time():.0f}"


def space() -> str:
    """Return the namespace of process numbers that we live in."""
    with suppress(OSError):
        return str((PROC / "self/ns/pid").readlink())
    return ""


def _linux() -> bool:
    return (PROC / "self/stat").exists()


def _birth_by_psutil(pid: int) -> str:
    import psutil  # noqa: PLC0415 - where there is no /proc

    with suppress(psutil.Error):
        return f"{psutil.Process(pid).create_time():.2f}"
    return ""
