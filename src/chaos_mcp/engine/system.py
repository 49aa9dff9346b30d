"""The system under test, where the run itself starts it: processes and proxies."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
from contextlib import (
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    closing,
    suppress,
)
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import DEVNULL
from typing import IO, TYPE_CHECKING, Any

import anyio

from chaos_mcp.errors import ActivityFailed, ChaosError, JournalFailed
from chaos_mcp.events import PartStarted, PartStopped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from anyio.abc import Process as Child

    from chaos_mcp.adapters.world import Proxies, World
    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.experiment.model import Process, Proxy
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.plan.model import Plan, Question

HOST = "127.0.0.1"
STOPPING = 5.0
"""Seconds that a process has to end by itself after SIGTERM."""
POLL = 0.05
TAG = "CHAOS_RUN"
"""The variable by which a process says which run has started it."""
TAIL = 2000
"""Characters of a dead process' output that an error shows."""


@dataclass(slots=True)
class Running:
    """One process that the run has started."""

    spec: Process
    child: Child
    output: Path
    ended: anyio.Event = field(default_factory=anyio.Event)
    stopping: bool = False

    def tail(self) -> str:
        """Return the end of what it wrote, as one indented block."""
        with suppress(OSError):
            text = self.output.read_text("utf-8", "replace")[-TAIL:].strip()
            if text:
                return "".join(f"\n    | {line}" for line in text.splitlines()[-8:])
        return ""


def reserve(processes: tuple[Process, ...]) -> dict[str, Any]:
    """Return an address for each process, on loopback, free at the moment."""
    names: dict[str, Any] = {}
    with ExitStack() as held:  # all at once, so that no two get the same port
        for process in processes:
            one = held.enter_context(closing(socket.socket()))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((HOST, 0))
            port = int(one.getsockname()[1])
            names |= {
                f"{process.name}.address": f"{HOST}:{port}",
                f"{process.name}.host": HOST,
                f"{process.name}.port": port,
            }
    return names


@asynccontextmanager
async def proxied(
    proxies: Proxies, specs: tuple[Proxy, ...], scope: Scope, journal: Journal
) -> AsyncIterator[dict[str, Any]]:
    """Make the proxies, yield their addresses as names, and remove them again."""
    names: dict[str, Any] = {}
    made: list[str] = []
    try:
        for spec in specs:
            upstream = str(scope.resolve(spec.upstream))
            state = await proxies.create(spec.name, upstream, spec.listen)
            made.append(spec.name)
            names |= addresses(f"proxy.{spec.name}", state.listen, "listen")
            journal.record(
                PartStarted(part="proxy", name=spec.name, address=state.listen)
            )
        yield names
    finally:
        with anyio.CancelScope(shield=True):
            for name in reversed(made):
                await _remove(proxies, name, journal)


async def _remove(proxies: Proxies, name: str, journal: Journal) -> None:
    detail = ""
    try:
        await proxies.delete(name)
    except ChaosError as error:
        detail = str(error)
    with suppress(JournalFailed):
        journal.record(
            PartStopped(part="proxy", name=name, detail=detail, clean=not detail)
        )


def addresses(prefix: str, address: str, whole: str) -> dict[str, Any]:
    """Return the names under which an address is known in experiments."""
    host, _, port = address.rpartition(":")
    return {
        f"{prefix}.{whole}": address,
        f"{prefix}.host": host.strip("[]"),
        f"{prefix}.port": int(port),
    }


@asynccontextmanager
async def processes(
    specs: tuple[Process, ...],
    ready: Mapping[str, Question],
    activities: Activities,
    root: Path,
    folder: Path,
) -> AsyncIterator[list[Running]]:
    """Start processes one after another, each ready before the next; end them all."""
    started: list[Running] = []
    async with anyio.create_task_group() as watchers:
        try:
            for spec in specs:
                running = await _start(spec, activities, root, folder)
                started.append(running)
                watchers.start_soon(_watch, running, activities.journal)
                await _await_ready(running, ready.get(spec.name), activities)
            yield started
        finally:
            with anyio.CancelScope(shield=True):
                for running in reversed(started):
                    await _stop(running, activities.journal)
        watchers.cancel_scope.cancel()


async def _start(
    spec: Process, activities: Activities, root: Path, folder: Path
) -> Running:
    scope = activities.scope
    command = [str(scope.resolve(word)) for word in spec.command]
    environment = _environment(spec, scope, activities.journal.run)
    output = folder / "parts" / f"{spec.name}.log"
    output.parent.mkdir(exist_ok=True)
    where = root / (spec.cwd or ".")
    with output.open("wb") as file:
        child = await _open(spec.name, command, environment, where, file)
    activities.journal.record(
        PartStarted(
            part="process",
            name=spec.name,
            address=str(scope.resolve(f"${{{spec.name}.address}}")),
            pid=child.pid,
            born=_born(child.pid),
            detail={"command": command},
        )
    )
    activities.scope = scope.knowing({f"{spec.name}.pid": child.pid})
    return Running(spec, child, output)


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
        return await anyio.open_process(
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
    ours = {"PATH": path, "HOST": HOST, "PORT": str(port), TAG: run}
    return {**os.environ, **ours, **given}


def _born(pid: int) -> float | None:
    import psutil  # noqa: PLC0415 - only where a system is started

    with suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return None


async def _watch(running: Running, journal: Journal) -> None:
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
                detail=f"ended by itself with exit code {code}{running.tail()}",
                clean=False,
            )
        )


async def _await_ready(
    running: Running, question: Question | None, activities: Activities
) -> None:
    spec = running.spec
    why = "its port accepts no connection"
    with anyio.move_on_after(spec.within):
        while not running.ended.is_set():
            ready, why = await _ready(running, question, activities)
            if ready:
                return
            await anyio.sleep(POLL)
    if running.ended.is_set():
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


async def _stop(running: Running, journal: Journal) -> None:
    """End a process and all of its group, and see them gone."""
    if running.ended.is_set():
        await _end_group(running, journal.run)
        return
    running.stopping = True
    began = time.monotonic()
    with suppress(ProcessLookupError):
        os.killpg(running.child.pid, signal.SIGTERM)
    with anyio.move_on_after(STOPPING):
        await running.child.wait()
    gone = await _end_group(running, journal.run)
    with suppress(JournalFailed):
        journal.record(
            PartStopped(
                part="process",
                name=running.spec.name,
                detail=f"ended after {time.monotonic() - began:.2f} s",
                clean=gone,
            )
        )


async def _end_group(running: Running, run: str) -> bool:
    """Kill whatever is left of a process' group; tell whether nothing is left."""
    with anyio.move_on_after(STOPPING):
        while left := _group(running.child.pid, run):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await anyio.sleep(POLL)
        return True
    return False


def _group(leader: int, run: str) -> list[int]:
    """Return the living processes of a group that carry our run's tag.

    The number alone could be somebody else's by now.
    """
    import psutil  # noqa: PLC0415 - only where a system is started

    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            ours = os.getpgid(process.pid) == leader
            alive = ours and process.status() != psutil.STATUS_ZOMBIE
            if alive and process.environ().get(TAG) == run:
                found.append(process.pid)
    return found


@asynccontextmanager
async def open_system(
    plan: Plan, activities: Activities, folder: Path
) -> AsyncIterator[World]:
    """Start what the experiment declares, yield the world, and end all of it.

    The names of what runs are in `activities.scope` from then on.
    """
    system = plan.experiment.system
    specs = system.processes if system else ()
    activities.scope = await _configured(plan, activities)
    activities.scope = activities.scope.knowing(reserve(specs))
    async with AsyncExitStack() as stack:
        if plan.proxied:
            await _enter_proxies(stack, plan, activities)
        await stack.enter_async_context(
            processes(specs, plan.ready, activities, plan.project.root, folder)
        )
        yield activities.world


async def _configured(plan: Plan, activities: Activities) -> Scope:
    """Ask the probes that give configuration; an answer that fails ends the run."""
    values = {}
    for key, call in plan.dynamic.items():
        answer = await activities.timed(call)
        if answer.error:
            raise ActivityFailed(f"configuration.{key}: {answer.error}")
        values[key] = _configuration_of(answer.value)
    scope = activities.scope.knowing(values)
    return replace(scope, configuration={**scope.configuration, **values})


def _configuration_of(value: Any) -> Any:
    """Return what Chaos Toolkit takes of an answer: standard output, or the body."""
    if isinstance(value, dict) and "stdout" in value:
        return str(value["stdout"]).strip()
    if isinstance(value, dict) and "body" in value:
        return value["body"]
    return value


async def _enter_proxies(
    stack: AsyncExitStack, plan: Plan, activities: Activities
) -> None:
    system = plan.experiment.system
    server = await stack.enter_async_context(_server(plan, activities.journal))
    activities.world = replace(activities.world, proxies=server)
    names = await stack.enter_async_context(
        proxied(
            server,
            system.proxies if system else (),
            activities.scope,
            activities.journal,
        )
    )
    activities.scope = activities.scope.knowing(names)


@asynccontextmanager
async def _server(plan: Plan, journal: Journal) -> AsyncIterator[Proxies]:
    """Yield the embedded proxy server, or the Toxiproxy that was named."""
    if plan.toxiproxy:
        from chaos_mcp.adapters.toxiproxy import (  # noqa: PLC0415 - a heavy SDK
            ForeignToxiproxy,
        )

        yield ForeignToxiproxy(plan.toxiproxy)
        return
    from chaos_mcp.adapters.embedded import (  # noqa: PLC0415 - only where needed
        start_embedded,
    )

    async with start_embedded(plan.seed) as server:
        journal.record(
            PartStarted(part="proxy-server", name="embedded", address=server.url)
        )
        yield server
    with suppress(JournalFailed):
        journal.record(PartStopped(part="proxy-server", name="embedded"))
