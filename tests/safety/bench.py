"""A world that runs may break, and that is looked at from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.engine.recovering import recover_run
from chaos_mcp.engine.sweep import TAG
from chaos_mcp.failpoints import VARIABLE as FAILPOINTS
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.ledger import open_faults, open_parts
from chaos_mcp.journal.read import read
from chaos_mcp.machine.place import VARIABLE as STATE
from chaos_mcp.machine.tagged import tagged
from tests.running import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.engine.recover import Recovered
    from chaos_mcp.events import Event

ROOT = Path(__file__).parents[2]
LEASE = 1.0
WITHIN = 30.0
"""Seconds for what takes milliseconds on an idle machine; nobody waits that long."""


@dataclass(slots=True)
class Bench:
    """Everything that an experiment touches, in a folder of its own."""

    folder: Path
    experiment: dict[str, Any]
    look: Callable[[], dict[str, Any]]
    """Return the state of what is not the run's own."""
    number: int = 0
    before: dict[str, Any] = field(default_factory=dict)

    def start(self, failpoints: str = "") -> Victim:
        """Start a run of the experiment, which may die at a failpoint."""
        self.number += 1
        self.before = self.look()
        folder = self.folder / str(self.number)
        path = write(folder, self.experiment)
        state = {STATE: str(folder / "state"), FAILPOINTS: failpoints}
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.safety.victim"),
                *(str(path), str(folder / "runs"), str(LEASE)),
            ],
            cwd=ROOT,
            env={**os.environ, **state},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        return Victim(self, folder, process)


@dataclass(slots=True)
class Victim:
    """One run, alive or dead."""

    bench: Bench
    folder: Path
    process: subprocess.Popen[bytes]
    said: bytes = b""

    @property
    def run(self) -> Path | None:
        """Return the folder of the run, once there is one."""
        return next(self.folder.glob("runs/*"), None)

    def events(self) -> list[Event]:
        """Return what it has written down so far."""
        run = self.run
        return read(run) if run and (run / FILE).exists() else []

    def wait(self) -> int:
        """Wait until the runner has ended; return how."""
        _, self.said = self.process.communicate(timeout=WITHIN)
        return self.process.returncode

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
        try:
            text = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8")
        except OSError:
            return True
        return text.rpartition(")")[2].split()[0] in "TZX"

    def as_before(self) -> bool:
        """Tell whether the world is as it was, and nothing of the run is left."""
        run = self.run
        mine = tagged(TAG, run.name) if run else []
        return not mine and self.bench.look() == self.bench.before

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
        """End the runner, and see it gone."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.wait()


def told(victim: Victim) -> str:
    """Return the run's story, for whoever reads why a test failed."""
    lines = [f"    {one.at:8.3f} {one.kind}" for one in victim.events()[-12:]]
    log = [one.read_text("utf-8") for one in victim.folder.glob("runs/*/guardian.log")]
    return "\n".join([*lines, f"    {victim.bench.look()}", *log])
