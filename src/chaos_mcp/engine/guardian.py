"""The guardian: a process of its own that undoes when the runner cannot.

`python -m chaos_mcp.engine.guardian FOLDER PID LEASE KINDS SERVER`, or only `PID` for a
spare, which is told later what to guard. The runner holds the other end of stdin and
writes lines:

    g RUN         what a spare is to guard, as JSON
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
from pathlib import Path

from chaos_mcp.engine.watched import Runner, Watch

STDIN, STDOUT = 0, 1
GIVES_UP = 3600.0
"""Seconds after which it leaves an undo that keeps failing to `chaos recover`."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
LEFT = "the runner could not take everything back"
SURVIVES = "-900"
"""For /proc/self/oom_score_adj: a memory fault should end others first."""


def watch(watching: Watch, runner: Runner) -> str:
    """Return why to act, once there is a reason; empty: the run ended well."""
    handles = [STDIN] if runner.handle is None else [STDIN, runner.handle]
    _load(watching)
    while not watching.word:
        due = watching.due()
        wait = None if due is None else max(0.0, due - time.monotonic())
        ready, _, _ = select.select(handles, [], [], wait)
        if STDIN in ready:
            data = os.read(STDIN, 65536)
            _say(b"." * watching.hear(data, time.monotonic()))
            _load(watching)
            if not (data or watching.word):
                return "the runner died"
        elif runner.handle in ready:
            return "the runner died"
        elif why := watching.overdue(time.monotonic()):
            return why
    return "" if watching.word == "bye" else LEFT


def _load(watching: Watch) -> None:
    """Load the faults that were asked for, and say that each is."""
    while watching.wanted:
        kind = watching.wanted.pop(0)
        from chaos_mcp.engine.warming import warm  # noqa: PLC0415 - loaded already

        with suppress(Exception):  # else it is loaded when it is needed
            warm([kind], "")
        _say(f"loaded {kind}\n".encode())


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
    watching, runner = _begin(arguments)
    if not _warm(watching, runner):
        return 0
    folder = Path(watching.run["folder"])
    why = watch(watching, runner)
    if not why:
        return 0
    if watching.word != "left" and not _take_away(folder, why):
        runner.fence()
    return 0 if act(folder, why) else 1


def _begin(arguments: list[str]) -> tuple[Watch, Runner]:
    watching = Watch(0.0, time.monotonic())
    if len(arguments) == 1:  # a spare, which is told later what to guard
        return watching, Runner(int(arguments[0]))
    folder, pid, lease, kinds, server = arguments
    watching.lease = float(lease)
    watching.run = {"folder": folder, "kinds": kinds, "server": server}
    return watching, Runner(int(pid))


def _warm(watching: Watch, runner: Runner) -> bool:
    """Load everything; tell whether there is something to guard."""
    from chaos_mcp.engine.warming import load, warm  # noqa: PLC0415 - only from here on

    _say(b"ready\n")
    gc.disable()
    load()
    if not _told(watching, runner):
        return False
    run = watching.run
    _live_as(run.get("environment", {}))
    warm([kind for kind in run["kinds"].split(",") if kind], run["server"])
    gc.enable()
    _say(b"warm\n")
    watching.heard = time.monotonic()
    return True


def _told(watching: Watch, runner: Runner) -> bool:
    """Wait until there is something to guard; tell whether there will be."""
    handles = [STDIN] if runner.handle is None else [STDIN, runner.handle]
    while not watching.run:
        ready, _, _ = select.select(handles, [], [])
        data = os.read(STDIN, 65536) if STDIN in ready else b""
        if not data:
            return False
        _say(b"." * watching.hear(data, time.monotonic()))
    return True


def _live_as(changed: dict[str, str | None]) -> None:
    """Take on what has changed in the runner's environment meanwhile."""
    for name, value in changed.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
