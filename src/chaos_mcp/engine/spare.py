"""A guardian's process, started at once or before it is known what it will guard."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from subprocess import DEVNULL, Popen
from typing import TYPE_CHECKING

from chaos_mcp.errors import PartMissing
from chaos_mcp.failpoints import VARIABLE as FAILPOINTS
from chaos_mcp.journal import handles
from chaos_mcp.machine.maker import MAKER
from chaos_mcp.machine.tagged import TAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOT_INHERITED = (TAG, MAKER, FAILPOINTS, "RUNNER_TRACKING_ID")
"""What marks a process as ours, or as a part of a GitHub job that ends with it."""
LONGEST = 32768
"""Bytes that an empty pipe takes for sure, without anybody who reads."""


@dataclass(slots=True)
class Started:
    """A guardian's process, and the pipes to it and from it."""

    process: Popen[bytes]
    told: int
    heard: int

    def part(self) -> None:
        """Leave it alone: it is on its own from here."""
        self.process.returncode = 0

    def end(self) -> None:
        """See it gone, by force if it is stuck, unless we have parted."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        for handle in (self.told, self.heard):
            handles.close(handle)


def begin(arguments: Sequence[str], lifeline: int) -> Started:
    """Start a guardian; raise `PartMissing` if that cannot be done."""
    reading, told = pipe()
    heard, writing = pipe()
    os.set_blocking(told, False)
    try:
        # Not by the event loop, which ends its children when it is closed.
        process = Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", "chaos_mcp.engine.guardian", *arguments],
            stdin=reading,
            stdout=writing,
            stderr=DEVNULL,
            env=environment(),
            start_new_session=True,
            pass_fds=[lifeline],
        )
    except OSError as error:
        handles.close(told)
        handles.close(heard)
        raise PartMissing(f"the guardian cannot be started: {error}") from error
    finally:
        handles.close(reading)
        handles.close(writing)
    return Started(process, told, heard)


def pipe() -> tuple[int, int]:
    """Return the two ends of a pipe that no forked child keeps open."""
    reading, writing = os.pipe()
    return handles.keep(reading), handles.keep(writing)


def environment() -> dict[str, str]:
    """Return what a guardian has in its environment."""
    return {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}


class Spare:
    """A guardian that loads what it needs while its runner still gets ready."""

    def __init__(self) -> None:
        """Start it; raise `PartMissing` if that cannot be done."""
        self._here = os.getpid()
        self._environment = environment()
        self.lifeline = pipe()
        self._started: Started | None = None
        try:
            self._started = begin([str(self._here)], self.lifeline[1])
        except PartMissing:
            self._cut()
            raise

    @property
    def pid(self) -> int:
        """Return the number of its process; 0 if it was hired, or dismissed."""
        return self._started.process.pid if self._started else 0

    def hire(
        self, folder: str, lease: float, kinds: str, server: str
    ) -> Started | None:
        """Tell it what to guard; None if it is to be had no more."""
        started = self._started
        if started is None or os.getpid() != self._here:
            return None
        run = {"folder": folder, "lease": lease, "kinds": kinds, "server": server}
        changed = _changed(self._environment, environment())
        line = f"g {json.dumps({**run, 'environment': changed})}\n".encode()
        if len(line) > LONGEST:
            return None
        self._started = None
        with suppress(OSError):  # that it is gone is noticed by its silence
            os.write(started.told, line)
        return started

    def dismiss(self) -> None:
        """End it, unless it was hired."""
        started, self._started = self._started, None
        if started and os.getpid() == self._here:
            started.end()
            self._cut()

    def _cut(self) -> None:
        for end in self.lifeline:
            handles.close(end)


def _changed(
    before: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str | None]:
    """Return what is different in an environment; None: it is no more."""
    new = {k: v for k, v in now.items() if before.get(k) != v}
    return {**dict.fromkeys(before.keys() - now.keys()), **new}
