"""What a guardian knows of its runner: its signs of life, and its process.

This imports nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import select
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

FENCING = 5.0
"""Seconds that a killed runner has to be gone."""


@dataclass(slots=True)
class Watch:
    """What is known of the runner."""

    lease: float
    heard: float
    """When there was a sign of life, in seconds of the monotonic clock."""
    until: dict[str, float] = field(default_factory=dict)
    """By armed fault: when it must be gone."""
    word: str = ""
    """The last word: `bye` or `left`."""
    rest: bytes = b""
    wanted: list[str] = field(default_factory=list)
    """Kinds of faults that are to be loaded."""
    run: dict[str, Any] = field(default_factory=dict)
    """What is to be guarded: `folder`, `lease`, `kinds`, `server`, `environment`."""

    def hear(self, data: bytes, now: float) -> int:
        """Take what the runner wrote; return how many signs of life were in it."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.heard = now
        for line in lines:
            self._understand(line.decode("utf-8", "replace"), now)
        return lines.count(b".")

    def _understand(self, line: str, now: float) -> None:
        match line.split(" "):
            case ["a", fault, seconds]:
                self.until[fault] = now + float(seconds)
            case ["c", fault]:
                self.until.pop(fault, None)
            case ["l", kind]:
                self.wanted.append(kind)
            case ["bye" | "left" as word]:
                self.word = word
            case ["g", *_]:
                self.run = json.loads(line[2:])
                self.lease = self.run["lease"]
            case _:
                pass

    def due(self) -> float | None:
        """Return when to act if nothing is heard; None: nothing stands."""
        if not self.until:
            return None
        return min(self.heard + self.lease, *self.until.values())

    def overdue(self, now: float) -> str:
        """Say why it is time to act, if it is."""
        due = self.due()
        if due is None or now < due:
            return ""
        silent = now - self.heard
        if silent >= self.lease:
            return f"the runner gave no sign of life for {silent:.1f} s"
        return "a fault stood past the time by which it had to be gone"


class Runner:
    """The process that is guarded."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.handle: int | None = None
        with suppress(OSError, AttributeError):
            self.handle = os.pidfd_open(pid)

    def fence(self) -> None:
        """End it, whatever it does, so that it cannot interfere; see it gone."""
        with suppress(ProcessLookupError, PermissionError):
            if self.handle is None:
                if os.getppid() == self.pid:  # an orphan's parent is another
                    os.kill(self.pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        if self.handle is not None:
            select.select([self.handle], [], [], FENCING)
