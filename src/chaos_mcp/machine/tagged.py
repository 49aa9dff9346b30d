"""Processes by a variable in their environment: a tag that their children inherit."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")
TAG = "CHAOS_RUN"
"""The variable by which a process says which run has started it."""


def tagged(variable: str, value: str, leader: int | None = None) -> list[int]:
    """Return the living processes that were started with `variable=value`.

    With `leader`, only those of its process group. A process that we may not look into
    is not ours.
    """
    found = []
    for pid in _with(variable, value):
        with suppress(OSError):
            if leader is None or os.getpgid(pid) == leader:
                found.append(pid)
    return found


def _with(variable: str, value: str) -> Iterator[int]:
    if not (PROC / "self/environ").exists():
        yield from _by_psutil(variable, value)
        return
    wanted = f"\0{variable}={value}\0".encode()
    for name in os.listdir(PROC):  # noqa: PTH208 - a hundred names, in a hurry
        if name.isdigit():
            with suppress(OSError):  # it has ended, or is another user's
                # One that is dead and not yet waited for has none.
                environment = (PROC / name / "environ").read_bytes()
                if wanted in b"\0" + environment:
                    yield int(name)


def _by_psutil(variable: str, value: str) -> Iterator[int]:
    import psutil  # noqa: PLC0415 - where there is no /proc

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and process.environ().get(variable) == value:
                yield process.pid
