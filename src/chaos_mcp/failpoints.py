"""Named places at which a test can make this process die; otherwise they do nothing.

`CHAOS_FAILPOINTS` says what to do: `trace:FILE` appends the name of every place that is
passed to a file; `NAME:N:DEED` does the deed the Nth time that the place is passed. The
deeds are `kill`, `stop`, `exit`, `term`, `raise`, `memory`, `guardian` (kills the
guardian) and `both` (kills the guardian, then this process).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "CHAOS_FAILPOINTS"


class Failpoint(RuntimeError):
    """What the deed `raise` raises: an error that nobody has foreseen."""


class _Points:
    """What was asked for, and how often each place was passed."""

    def __init__(self, asked: str) -> None:
        self.deed, self.place, self.turn, self.file = "", "", 0, ""
        self.guardian = 0
        if asked.startswith("trace:"):
            self.file = asked.removeprefix("trace:")
        elif asked:
            self.place, turn, self.deed = asked.rsplit(":", 2)
            self.turn = int(turn)

    def passing(self, place: str) -> None:
        if self.file:
            line = f"{place}\n".encode()
            file = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(file, line)
            os.close(file)
        elif place == self.place:
            self.turn -= 1
            if self.turn == 0:
                DEEDS[self.deed]()


def _signal(number: str, pid: int) -> None:
    import signal  # noqa: PLC0415 - only in tests

    os.kill(pid, getattr(signal, number))


def _here(number: str) -> None:
    """Signal this very thread: another one would let it go on a little."""
    import signal  # noqa: PLC0415 - only in tests

    signal.raise_signal(getattr(signal, number))


def _raise() -> None:
    raise Failpoint("a failpoint was reached")


def _memory() -> None:
    raise MemoryError


def _guardian() -> None:
    if _POINTS.guardian:
        _signal("SIGKILL", _POINTS.guardian)


def _both() -> None:
    _guardian()
    _here("SIGKILL")


DEEDS: dict[str, Callable[[], None]] = {
    "kill": lambda: _here("SIGKILL"),
    "stop": lambda: _here("SIGSTOP"),
    "exit": lambda: os._exit(1),
    "term": lambda: _signal("SIGTERM", os.getpid()),
    "raise": _raise,
    "memory": _memory,
    "guardian": _guardian,
    "both": _both,
}
_ASKED = os.environ.get(VARIABLE, "")
_POINTS = _Points(_ASKED)


def ask(asked: str) -> None:
    """Ask for something else than the variable did."""
    global _ASKED, _POINTS
    _ASKED, _POINTS = asked, _Points(asked)


def guardian_is(pid: int) -> None:
    """Remember which process guards this one, for the deeds that kill it."""
    _POINTS.guardian = pid


def passing(place: str) -> None:
    """Pass a place; nothing happens unless a test has asked for it."""
    if _ASKED:
        _POINTS.passing(place)
