"""The guardian: a process of its own that undoes when the runner cannot.

`python -m chaos_mcp.engine.guardian FOLDER PID LEASE KINDS SERVER`. The runner holds
the other end of stdin and writes lines:

    .             a sign of life, several times in a lease
    a ID SECONDS  the fault is armed, and must be gone in so many seconds
    c ID          the fault is closed
    l KIND        load what undoing such a fault needs, and say `loaded KIND`
    bye           the run has ended, and nothing of it is left
    left          the run has ended, and something of it still stands

Stdout says `ready` as soon as it listens, then `warm` once everything is loaded that
undoing could need: a disk that a fault has filled or frozen cannot be loaded from. Each
sign of life is answered by one.

Until it is warm, this imports nothing but the standard library.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

STDIN, STDOUT = 0, 1
GIVES_UP = 3600.0
"""Seconds after which it leaves an undo that keeps failing to `chaos recover`."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
FENCING = 5.0
"""Seconds that a killed runner has to be gone."""
SURVIVES = "-900"
"""For /proc/self/oom_score_adj: a memory fault should end others first."""


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


def watch(watching: Watch, runner: Runner) -> str:
    """Return why to act, once there is a reason; empty: the run ended well."""
    handles = [STDIN] if runner.handle is None else [STDIN, runner.handle]
    while True:
        due = watching.due()
        wait = None if due is None else max(0.0, due - time.monotonic())
        ready, _, _ = select.select(handles, [], [], wait)
        if STDIN in ready:
            data = os.read(STDIN, 65536)
            _say(b"." * watching.hear(data, time.monotonic()))
            _load(watching)
            if watching.word or not data:
                return _last_word(watching)
        elif runner.handle in ready:
            return "the runner died"
        elif why := watching.overdue(time.monotonic()):
            return why


def _load(watching: Watch) -> None:
    """Load the faults that were asked for, and say that each is."""
    while watching.wanted:
        kind = watching.wanted.pop(0)
        with suppress(Exception):  # else it is loaded when it is needed
            warm([kind], "")
        _say(f"loaded {kind}\n".encode())


def _last_word(watching: Watch) -> str:
    if watching.word == "bye":
        return ""
    if watching.word == "left":
        return "the runner could not take everything back"
    return "the runner died"


def _say(word: bytes) -> None:
    """Tell the runner; that it does not listen any more is no matter here."""
    with suppress(OSError):
        os.write(STDOUT, word)


def act(folder: Path, why: str) -> bool:
    """Take everything back, again and again; tell whether that was done."""
    import anyio  # noqa: PLC0415 - loaded already

    from chaos_mcp.engine.recover import recover  # noqa: PLC0415 - loaded already

    pause, began = FIRST_PAUSE, time.monotonic()
    while time.monotonic() - began < GIVES_UP:
        try:
            if not anyio.run(recover, folder, "guardian", why).open:
                return True
        except BaseException as error:  # noqa: BLE001 - nobody else would try again
            log(folder, f"{type(error).__name__}: {error}")
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return False


def warm(kinds: list[str], server: str) -> None:
    """Load all that undoing these faults can need."""
    import psutil  # noqa: F401, PLC0415 - the point of this
    import tenacity  # noqa: F401, PLC0415

    from chaos_mcp.adapters import reach  # noqa: PLC0415
    from chaos_mcp.engine import recover  # noqa: F401, PLC0415
    from chaos_mcp.events import EVENT  # noqa: PLC0415
    from chaos_mcp.registry import Registry  # noqa: PLC0415

    EVENT.rebuild()
    registry = Registry()
    for kind in kinds:
        if entry := registry.find("fault", kind):
            fault = entry.load()
            fault.model_rebuild()
            fault.warm()
    for one in filter(None, server.split(",")):
        reach.load(one)
    gc.collect()
    gc.freeze()  # what is loaded stays, and need not be looked at again


def _take_away(folder: Path, why: str) -> bool:
    """Take a run from the program that it is a part of, without ending that."""
    from chaos_mcp.journal.authority import take_away  # noqa: PLC0415 - loaded already

    return take_away(folder, why)


def log(folder: Path, text: str) -> None:
    """Leave word in the run's folder, if there is room."""
    with suppress(OSError), (folder / "guardian.log").open("a") as file:
        file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")


def main(arguments: list[str]) -> int:
    """Guard one run."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(SURVIVES, "ascii")
    folder, pid, lease, kinds, server = arguments
    runner = Runner(int(pid))
    watching = Watch(float(lease), time.monotonic())
    _say(b"ready\n")
    warm([kind for kind in kinds.split(",") if kind], server)
    _say(b"warm\n")
    watching.heard = time.monotonic()
    why = watch(watching, runner)
    if not why:
        return 0
    if watching.word != "left" and not _take_away(Path(folder), why):
        runner.fence()
    return 0 if act(Path(folder), why) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
