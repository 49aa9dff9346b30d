"""One process of a run's own system: started, watched, awaited, ended by group."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import IO, TYPE_CHECKING

import anyio

from chaos_mcp.engine.sweep import end_group
from chaos_mcp.errors import ActivityFailed, JournalFailed
from chaos_mcp.events import PartStarted, PartStopped
from chaos_mcp.machine.identity import identity_of
from chaos_mcp.machine.inherited import inherited
from chaos_mcp.machine.maker import MAKER, mark
from chaos_mcp.machine.tagged import TAG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyio.abc import Process as Child

    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.experiment.model import Process
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.machine.identity import Identity
    from chaos_mcp.plan.model import Question

HOST = "127.0.0.1"
STOPPING = 5.0
"""Seconds that a process has to end by itself after SIGTERM."""
POLL = 0.05
TAIL = 2000
"""Characters of a dead process' output that an error shows."""


@dataclass(slots=True)
class Running:
    """One process that the run has started."""

    spec: Process
    child: Child
    who: Identity
    output: Path
    ended: anyio.Event = field(default_factory=anyio.Event)
    stopping: bool = False

    def over(self) -> bool:
        """Tell whether it has ended, also if nobody watches it any more."""
        return self.ended.is_set() or self.child.returncode is not None

    def lives(self) -> Identity | None:
        """Return who it is, unless it is dead, or on its way.

        One that was told to end does so, even if nobody waits for that any more.
        """
        gone = self.stopping or not self.who.alive() or self.who.dying()
        return None if gone else self.who

    def tail(self) -> str:
        """Return the end of what it wrote, as one indented block."""
        with suppress(OSError):
            text = self.output.read_text("utf-8", "replace")[-TAIL:].strip()
            if text:
                return "".join(f"\n    | {line}" for line in text.splitlines()[-8:])
        return ""


async def start(
    spec: Process,
    activities: Activities,
    root: Path,
    folder: Path,
    env: Mapping[str, str],
) -> Running:
    """Start a process with more in its environment, and write down who it is."""
    scope = activities.scope
    command = [str(scope.resolve(word)) for word in spec.command]
    environment = {**_environment(spec, scope, activities.journal.run), **env}
    output = folder / "parts" / f"{spec.name}.log"
    output.parent.mkdir(exist_ok=True)
    where = root / (spec.cwd or ".")
    with output.open("ab") as file:
        child = await _open(spec.name, command, environment, where, file)
    who = identity_of(child.pid)
    activities.journal.record(
        PartStarted(
            part="process",
            name=spec.name,
            address=str(scope.resolve(f"${{{spec.name}.address}}")),
            pid=child.pid,
            detail={"command": command, "process": who.as_json()},
        )
    )
    activities.scope = scope.knowing({f"{spec.name}.pid": child.pid})
    return Running(spec, child, who, output)


async def _open(
    name: str,
    command: list[str],
    environment: dict[str, str],
    where: Path,
    file: IO[bytes],
) -> Child:
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise ActivityFailed(
            f"system.processes.{name}: there is no program {command[0]!r}"
        )
    try:
        with anyio.CancelScope(shield=True):  # half started, it could not be ended
            child = await anyio.open_process(
                [*_leash(), program, *command[1:]],
                stdin=DEVNULL,
                stdout=file,
                stderr=file,
                cwd=where,
                env=environment,
                start_new_session=True,
            )
    except OSError as error:
        raise ActivityFailed(
            f"system.processes.{name}: cannot be started: {error}"
        ) from error
    return child


def _leash() -> list[str]:
    """Return what makes a process end with us, even by `kill -9`, where there is it."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _environment(spec: Process, scope: Scope, run: str) -> dict[str, str]:
    """Return our environment, with our interpreter's folder first, and the port."""
    own = str(Path(sys.executable).parent)
    path = os.pathsep.join([own, os.environ.get("PATH", os.defpath)])
    port = scope.resolve(f"${{{spec.name}.port}}")
    given = {key: str(scope.resolve(value)) for key, value in spec.env.items()}
    ours = {"PATH": path, "HOST": HOST, "PORT": str(port), TAG: run, MAKER: mark()}
    return {**inherited(), **ours, **given}


async def watch(running: Running, journal: Journal) -> None:
    """Write it down when a process ends before its time."""
    code = await running.child.wait()
    running.ended.set()
    if running.stopping:
        return
    with suppress(JournalFailed):
        journal.record(
            PartStopped(
                part="process",
                name=running.spec.name,
                detail=f"{_how(code)}{running.tail()}",
                clean=False,
            )
        )


def _how(code: int) -> str:
    """Say how a process ended that was not told to."""
    if code < 0:
        return f"ended by signal {-code} ({signal.strsignal(-code)})"
    return f"ended by itself with exit code {code}"


async def await_ready(
    running: Running, question: Question | None, activities: Activities
) -> None:
    """Return once a process is ready; raise `ActivityFailed` if it never is."""
    spec = running.spec
    why = "its port accepts no connection"
    with anyio.move_on_after(spec.within):
        while not running.over():
            ready, why = await _ready(running, question, activities)
            if ready:
                return
            await anyio.sleep(POLL)
    if running.over():
        why = f"it ended with exit code {running.child.returncode}"
    raise ActivityFailed(
        f"system.processes.{spec.name}: not ready after {spec.within:g} s: {why}"
        f"{running.tail()}"
    )


async def _ready(
    running: Running, question: Question | None, activities: Activities
) -> tuple[bool, str]:
    if question is None:
        port = activities.scope.resolve(f"${{{running.spec.name}.port}}")
        with suppress(OSError):
            async with await anyio.connect_tcp(HOST, port):
                return True, ""
        return False, "its port accepts no connection"
    return await activities.quietly(question)


async def stop(running: Running, journal: Journal) -> None:
    """End a process and all of its group, and see them gone."""
    if running.ended.is_set():
        await end_group(running.child.pid, journal.run)
        return
    running.stopping = True
    began = time.monotonic()
    with suppress(ProcessLookupError):
        os.killpg(running.child.pid, signal.SIGTERM)
    with anyio.move_on_after(STOPPING):
        await running.child.wait()
    gone = await end_group(running.child.pid, journal.run)
    with suppress(JournalFailed):
        journal.record(
            PartStopped(
                part="process",
                name=running.spec.name,
                detail=f"ended after {time.monotonic() - began:.2f} s",
                clean=gone,
            )
        )
