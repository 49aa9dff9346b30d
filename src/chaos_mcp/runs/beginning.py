"""The beginning of a run: its name, its folder, and leave to start."""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from chaos_mcp.machine.index import Entry


TAKING_BACK = 5.0
"""Seconds that a run waits for what is being taken back of another."""
POLL = 0.02


def new_run(runs: Path) -> tuple[str, Path]:
    """Return a name that no other run has, and the folder for it."""
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(2).hex()}"
    return name, (runs / name).resolve()


async def may_start(entry: Entry, *, durable: bool) -> None:
    """Let the others know of the run, unless something keeps it from starting.

    The guardian of a run that has only just died gets a moment to take it back.
    """
    import anyio  # noqa: PLC0415 - not for `validate`

    from chaos_mcp.engine.status import must_wait, soon_over  # noqa: PLC0415 - as above
    from chaos_mcp.machine import index  # noqa: PLC0415 - as above

    index.register(entry, durable=durable)
    with anyio.move_on_after(TAKING_BACK):
        while soon_over(entry.run):  # noqa: ASYNC110 - the dead tell nobody
            await anyio.sleep(POLL)
    if why := must_wait(entry.run):
        index.forget(entry.run)
        raise why


def make(folder: Path) -> None:
    """Make a run's folder; raise `ChaosError` if it cannot be."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise ChaosError(f"cannot make {folder}: {error.strerror}") from error


def host() -> dict[str, Any]:
    """Return where this runs, for the record."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "node": platform.node(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
    }
