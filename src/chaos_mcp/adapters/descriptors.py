"""How many files a process may have open, and how many it has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chaos_mcp.machine.identity import Identity

PROC = Path("/proc")
SAID = re.compile(r"^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)", re.MULTILINE)


class Descriptors(Protocol):
    """The descriptors of other processes. What goes wrong is an `OSError`."""

    def able(self) -> bool:
        """Tell whether limits of other processes can be changed here at all."""
        ...

    def open(self, who: Identity) -> frozenset[int]:
        """Return the numbers of the files that a process has open."""
        ...

    def limits(self, who: Identity) -> tuple[int, int]:
        """Return the number that bounds them for now, and the most that it can be."""
        ...

    def limit(self, who: Identity, soft: int, hard: int) -> bool:
        """Set both for exactly this process; tell whether it is there."""
        ...

    def read(self, who: Identity) -> int | None:
        """Return the bound by another path; None: the process is gone."""
        ...


class LocalDescriptors:
    """Asks the kernel: prlimit(2), and what it says in /proc."""

    def able(self) -> bool:
        """Tell whether this is Linux."""
        import resource  # noqa: PLC0415 - only where it is asked for

        return hasattr(resource, "prlimit")

    def open(self, who: Identity) -> frozenset[int]:
        """List /proc/PID/fd."""
        return frozenset(
            int(one.name) for one in (PROC / str(who.pid) / "fd").iterdir()
        )

    def limits(self, who: Identity) -> tuple[int, int]:
        """Ask prlimit(2)."""
        import resource  # noqa: PLC0415 - only where it is asked for

        return resource.prlimit(who.pid, resource.RLIMIT_NOFILE)

    def limit(self, who: Identity, soft: int, hard: int) -> bool:
        """Set it, if the number is still that of the process that is meant."""
        import resource  # noqa: PLC0415 - only where it is asked for

        if not who.alive():
            return False
        try:
            resource.prlimit(who.pid, resource.RLIMIT_NOFILE, (soft, hard))
        except ProcessLookupError:
            return False
        return True

    def read(self, who: Identity) -> int | None:
        """Read /proc/PID/limits."""
        if not who.alive():
            return None
        try:
            text = (PROC / str(who.pid) / "limits").read_text("ascii")
        except (FileNotFoundError, ProcessLookupError):
            return None
        found = SAID.search(text)
        return int(found[1]) if found and found[1].isdigit() else -1


def room(opened: frozenset[int], soft: int) -> int:
    """Return how many more files can be opened: numbers below the bound are free."""
    return soft - sum(1 for number in opened if number < soft)


def bound(opened: frozenset[int], leave: int) -> int:
    """Return the bound that leaves room for exactly so many more."""
    number = free = 0
    while free < leave or number in opened:
        free += number not in opened
        number += 1
    return number
