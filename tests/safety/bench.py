"""A world that runs may break, and that is looked at from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import psutil

from chaos_mcp.adapters.stress import SCRIPT
from chaos_mcp.engine.recovering import recover_run
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.ledger import open_faults, open_parts
from chaos_mcp.journal.read import read
from chaos_mcp.machine.tagged import TAG, tagged
from tests.running import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.engine.recover import Recovered
    from chaos_mcp.events import Event

ROOT = Path(__file__).parents[2]
LEASE = 1.0
WITHIN = 30.0
"""Seconds for what takes milliseconds on an idle machine; nobody waits that long."""


class Nursery:
    """Starts runs, each in a process of its own that need not load everything again."""

    def __init__(self) -> None:
        self._numbers = count()
        self._known = threading.Condition()
        self._pids: dict[int, int] = {}
        self._codes: dict[int, int] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.safety.victim"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def start(self, asked: dict[str, Any]) -> int:
        """Start a run; return the number of its process."""
        number = next(self._numbers)
        with self._known:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps({**asked, "number": number}) + "\n")
            self._process.stdin.flush()
            assert self._known.wait_for(lambda: number in self._pids, WITHIN)
            return self._pids[number]

    def code(self, pid: int, seconds: float = WITHIN) -> int | None:
        """Return how a process has ended; None if it has not, in this time."""
        with self._known:
            self._known.wait_for(lambda: pid in self._codes, seconds)
            return self._codes.get(pid)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join(WITHIN)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError):  # it was closed
            for line in self._process.stdout:
                told = json.loads(line)
                with self._known:
                    if "code" in told:
                        self._codes[told["pid"]] = told["code"]
                    else:
                        self._pids[told["number"]] = told["pid"]
                    self._known.notify_all()


class Scene(Protocol):
    """What one run breaks, and nobody else."""

    @property
    def experiment(self) -> dict[str, Any]:
        """Return the experiment that breaks it."""
        ...

    def look(self) -> dict[str, Any]:
        """Return the state of what is not the run's own."""
        ...

    def close(self) -> None:
        """Put it away."""
        ...


@dataclass(slots=True)
class Bench:
    """Sets scenes, and starts a run on each."""

    nursery: Nursery
    folder: Path
    scene: Callable[[Path], Scene]
    _numbers: count[int] = field(default_factory=count)

    def start(self, failpoints: str = "") -> Victim:
        """Start a run of the experiment, which may die at a failpoint."""
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        scene = self.scene(folder)
        before = scene.look()
        path = write(folder, scene.experiment)
        pid = self.nursery.start(
            {
                "experiment": str(path),
                "runs": str(folder / "runs"),
                "lease": LEASE,
                "state": str(folder / "state"),
                "failpoints": failpoints,
            }
        )
        return Victim(self, folder, pid, scene, before)


@dataclass(slots=True)
class Victim:
    """One run, alive or dead."""

    bench: Bench
    folder: Path
    pid: int
    scene: Scene
    before: dict[str, Any]

    @property
    def run(self) -> Path | None:
        """Return the folder of the run, once there is one."""
        return next(self.folder.glob("runs/*"), None)

    def events(self) -> list[Event]:
        """Return what it has written down so far."""
        run = self.run
        return read(run) if run and (run / FILE).exists() else []

    def wait(self, seconds: float = WITHIN) -> int | None:
        """Wait until the runner has ended; return how, or None if it has not."""
        return self.bench.nursery.code(self.pid, seconds)

    def until(self, what: Callable[[], bool], seconds: float = WITHIN) -> bool:
        """Tell whether something becomes true in time."""
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def stopped(self) -> bool:
        """Tell whether the runner was stopped (SIGSTOP), or is over."""
        return state_of(self.pid) in "TZX"

    def as_before(self) -> bool:
        """Tell whether the world is as it was, and nothing of the run is left."""
        run = self.run
        mine = [*tagged(TAG, run.name), *stressors(run.name)] if run else []
        return not mine and self.scene.look() == self.before

    def closed(self) -> bool:
        """Tell whether the journal says that nothing is open."""
        events = self.events()
        return not open_faults(events) and not open_parts(events)

    def recover(self) -> Recovered | None:
        """Do what `chaos recover` does; None if the run never began."""
        run = self.run
        if run is None or not (run / FILE).exists():
            return None
        return anyio.run(recover_run, run)

    def kill(self) -> None:
        """End the runner, if it has not, and see it gone."""
        if self.wait(0) is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            assert self.wait() is not None

    def close(self) -> None:
        """Put everything away."""
        self.kill()
        self.scene.close()

    def told(self) -> str:
        """Return the run's story, for whoever reads why a test failed."""
        lines = [f"    {one.at:8.3f} {one.kind}" for one in self.events()[-12:]]
        logs = self.folder.glob("runs/*/guardian.log")
        log = [one.read_text("utf-8") for one in logs]
        return "\n".join([*lines, f"    {self.scene.look()}", *log])


def stressors(run: str) -> list[int]:
    """Return the stressors of a run that there are, by their command lines."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            if SCRIPT in words and words[-2].startswith(f"chaos-{run}-"):
                found.append(process.pid)
    return found


def state_of(pid: int) -> str:
    """Return how a process is, in one letter as proc(5) has it; X: there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return "X"
    return text.rpartition(")")[2].split()[0]
