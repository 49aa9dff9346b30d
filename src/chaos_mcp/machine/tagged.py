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


def bearing(*variables: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the living processes that bear one of these, with all of them they bear."""
    for pid in _pids():
        found = _environment(pid)
        if any(variable in found for variable in variables):
            yield pid, {key: found[key] for key in variables if key in found}


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


def _pids() -> Iterator[int]:
    if (PROC / "self/environ").exists():
        names = os.listdir(PROC)  # noqa: PTH208 - as above
        yield from (int(name) for name in names if name.isdigit())
        return
    import psutil  # noqa: PLC0415 - where there is no /proc

    yield from psutil.pids()


def _environment(pid: int) -> dict[str, str]:
    """Return what a process was started with; nothing if we may not look into it."""
    if not (PROC / "self/environ").exists():
        import psutil  # noqa: PLC0415 - where there is no /proc

        with suppress(psutil.Error, OSError):
            return dict(psutil.Process(pid).environ())
        return {}
    with suppress(OSError):
        data = (PROC / str(pid) / "environ").read_bytes()
        words = data.decode("utf-8", "surrogateescape").split("\0")
        return dict(word.split("=", 1) for word in words if "=" in word)
    return {}
