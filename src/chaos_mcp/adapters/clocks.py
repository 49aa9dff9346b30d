"""The clock that a process sees: the machine's, or another by libfaketime."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.machine.identity import Identity

PROC = Path("/proc")
FOLDERS = (
    "/usr/lib/*/faketime",
    "/usr/lib/faketime",
    "/usr/lib64/faketime",
    "/usr/local/lib/faketime",
)
NAMES = ("libfaketimeMT.so.1", "libfaketime.so.1")
"""The one for programs with threads is right for the others, too."""
PRELOAD = "LD_PRELOAD"
OFFSET = "FAKETIME"
SHARED = "FAKETIME_SHARED"
MEMORY = Path("/dev/shm")  # noqa: S108 - where the C library has shared memory
KINDS = ("sem.", "")
"""How the files of a semaphore, and of shared memory, begin."""
ASK = "import time; print(time.time())"
PATIENCE = 5.0
TRIES, MOMENT = 40, 0.0025
"""How often, and how many seconds apart, it is looked for what is there in a moment."""


class Clocks(Protocol):
    """The clocks of other processes."""

    def library(self) -> str:
        """Return where libfaketime is; empty if it is not installed."""
        ...

    def skewed(self, who: Identity) -> bool:
        """Tell whether a process was started with another clock."""
        ...

    def loaded(self, who: Identity, library: str) -> bool:
        """Tell by another path, its memory map, whether it has the library."""
        ...

    def traces(self, who: Identity) -> list[Path]:
        """Return the files by which a process shares its clock with its children."""
        ...

    async def offset(self, who: Identity) -> float | None:
        """Return by how many seconds what a process starts would see another time."""
        ...


def environment(library: str, seconds: float, inherited: str = "") -> dict[str, str]:
    """Return what makes a program see another time of day, but wait as long as ever."""
    return {
        PRELOAD: " ".join(one for one in (inherited, library) if one),
        OFFSET: f"{seconds:+.6f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


class LocalClocks:
    """Looks at this machine's processes."""

    def library(self) -> str:
        """Look where Debian, Fedora and a build by hand have it."""
        for pattern in FOLDERS:
            for folder in sorted(Path("/").glob(pattern.lstrip("/"))):
                for name in NAMES:
                    if (folder / name).exists():
                        return str(folder / name)
        return ""

    def skewed(self, who: Identity) -> bool:
        """Look into its environment."""
        return OFFSET in _environment(who)

    def loaded(self, who: Identity, library: str) -> bool:
        """Look into its memory map."""
        with suppress(OSError):
            text = (PROC / str(who.pid) / "maps").read_text("utf-8", "replace")
            return who.alive() and library in text
        return False

    def traces(self, who: Identity) -> list[Path]:
        """Return what libfaketime leaves in /dev/shm when a process is killed."""
        words = _environment(who).get(SHARED, "").split()
        names = [word.removeprefix("/") for word in words]
        if len(names) != len(KINDS) or not all("faketime" in one for one in names):
            return []
        pairs = zip(KINDS, names, strict=True)
        return [MEMORY / f"{kind}{name}" for kind, name in pairs]

    async def offset(self, who: Identity) -> float | None:
        """Ask a child that has the environment of the process for the time."""
        return await anyio.to_thread.run_sync(partial(_offset, _environment(who)))


def _offset(environment: Mapping[str, str]) -> float | None:
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        before = time.time()
        said = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-I", "-S", "-c", ASK],
            env=dict(environment),
            capture_output=True,
            check=True,
            timeout=PATIENCE,
        )
        return float(said.stdout) - (before + time.time()) / 2
    return None


def _environment(who: Identity) -> dict[str, str]:
    """Return the environment of a process; while it becomes a program, it has none."""
    with suppress(OSError):
        for _ in range(TRIES):
            data = (PROC / str(who.pid) / "environ").read_bytes()
            if data or not who.alive():
                break
            time.sleep(MOMENT)
        words = data.decode("utf-8", "surrogateescape").split("\0")
        if who.alive():
            return dict(word.split("=", 1) for word in words if "=" in word)
    return {}
