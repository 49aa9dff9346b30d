"""The containers of a run's own system: made one after another, removed by label."""

from __future__ import annotations

import os
import sys
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

import chaos_mcp
from chaos_mcp.adapters.containers import MAKER, PART, RUN, ContainerSpec
from chaos_mcp.engine.part import HOST
from chaos_mcp.errors import ActivityFailed, ChaosError, JournalFailed
from chaos_mcp.events import PartStarted, PartStopped
from chaos_mcp.machine.maker import mark

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from chaos_mcp.adapters.containers import Containers
    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.experiment.model import Container, Health
    from chaos_mcp.plan.model import Plan, Question

POLL = 0.05
HANG_UP = 0.1
"""Seconds after which a port that was not hung up on is one where somebody listens."""
TAIL = 8
LOG = 2000
"""Lines of what a container wrote that are kept."""
SECOND = 10**9


@dataclass(slots=True)
class Making:
    """Makes the containers of one run."""

    engine: Containers
    activities: Activities
    ready: Mapping[str, Question]
    root: Path
    folder: Path
    made: list[Container] = field(default_factory=list)

    @property
    def run(self) -> str:
        """Return whose they are."""
        return self.activities.journal.run

    def called(self, name: str) -> str:
        """Return what a part of ours is called on the engine."""
        return f"chaos-{self.run}-{name}"

    @property
    def network(self) -> str:
        """Return the network that all of them are on."""
        return f"chaos-{self.run}"

    def _labels(self) -> dict[str, str]:
        return {RUN: self.run, MAKER: mark()}

    async def begin(self) -> None:
        """Make the network."""
        self._record("network", self.network)
        await self.engine.network(self.network, self._labels())

    async def start(self, spec: Container) -> None:
        """Make a container, start it, and wait until it is ready.

        It is written down first, under a name that whoever clears up will find.
        """
        scope = self.activities.scope
        self.activities.scope = scope.knowing(self._names(spec))
        address = str(scope.resolve(f"${{{spec.name}.address}}")) if spec.port else ""
        self._record("container", spec.name, address)
        self.made.append(spec)
        await self.engine.run(await self._spec(spec))
        await self._await_ready(spec)

    def _names(self, spec: Container) -> dict[str, Any]:
        return {
            f"{spec.name}.container": self.called(spec.name),
            f"{spec.name}.inside": f"{spec.name}:{spec.port or 0}",
        }

    def _record(self, part: Any, name: str, address: str = "") -> None:
        detail = {"engine": self.engine.url, "called": self.called(name)}
        self.activities.journal.record(
            PartStarted(part=part, name=name, address=address, detail=detail)
        )

    async def _spec(self, spec: Container) -> ContainerSpec:
        scope = self.activities.scope
        image, host = spec.image or "", dict[str, Any]()
        environment = {key: str(scope.resolve(one)) for key, one in spec.env.items()}
        if spec.image_from:
            image, given = await self.engine.own_image(own_paths(self.root))
            host |= given
            environment = {**own_environment(), **environment}
        if spec.port:
            port = str(scope.resolve(f"${{{spec.name}.port}}"))
            outside = [{"HostIp": HOST, "HostPort": port}]
            host["PortBindings"] = {f"{spec.port}/tcp": outside}
            environment = {"PORT": str(spec.port), **environment}
        return ContainerSpec(
            name=self.called(spec.name),
            image=image,
            command=tuple(str(scope.resolve(word)) for word in spec.command),
            labels={**spec.labels, **self._labels(), PART: spec.name},
            environment=environment,
            host={"Init": spec.image_from is None, **host, **_limits(spec)},
            ports=(spec.port,) if spec.port else (),
            network=self.network,
            aliases=(spec.name,),
            health=_health(spec.health) if spec.health else {},
            workdir=str(self.root) if spec.image_from else "",
        )

    async def _await_ready(self, spec: Container) -> None:
        why = "it does not answer"
        with anyio.move_on_after(spec.within):
            while True:
                ready, why = await self._is_ready(spec)
                if ready:
                    return
                await anyio.sleep(POLL)
        raise ActivityFailed(
            f"system.containers.{spec.name}: not ready after {spec.within:g} s: {why}"
            f"{await self._tail(spec)}"
        )

    async def _is_ready(self, spec: Container) -> tuple[bool, str]:
        seen = await self.engine.look(self.called(spec.name))
        if seen is None or seen.status in ("exited", "dead"):
            code = seen.exit_code if seen else "unknown"
            why = f"it ended with exit code {code}{await self._tail(spec)}"
            raise ActivityFailed(f"system.containers.{spec.name}: {why}")
        if spec.name in self.ready:
            return await self.activities.quietly(self.ready[spec.name])
        if spec.health:
            return seen.health == "healthy", f"its health is {seen.health}"
        if spec.port:
            port = self.activities.scope.resolve(f"${{{spec.name}.port}}")
            return await _listens(int(port)), f"nobody answers at its port {spec.port}"
        return seen.status == "running", f"it is {seen.status}"

    async def _tail(self, spec: Container) -> str:
        with suppress(ChaosError):
            text = await self.engine.logs(self.called(spec.name), 0, TAIL)
            return "".join(f"\n    | {line}" for line in text.splitlines())
        return ""

    async def end(self) -> None:
        """Keep what they wrote, and remove them all with their network."""
        began = time.monotonic()
        for spec in self.made:
            await self._keep_log(spec)
        why = ""
        try:
            await self.engine.clear(self.run)
        except ChaosError as error:
            why = str(error)
        detail = why or f"removed after {time.monotonic() - began:.2f} s"
        for part, name in [
            *(("container", spec.name) for spec in reversed(self.made)),
            ("network", self.network),
        ]:
            self._stopped(part, name, detail, clean=not why)

    def _stopped(self, part: Any, name: str, detail: str, *, clean: bool) -> None:
        with suppress(JournalFailed):
            self.activities.journal.record(
                PartStopped(part=part, name=name, detail=detail, clean=clean)
            )

    async def _keep_log(self, spec: Container) -> None:
        with suppress(ChaosError, OSError):
            text = await self.engine.logs(self.called(spec.name), 0, LOG)
            parts = self.folder / "parts"
            parts.mkdir(exist_ok=True)
            (parts / f"{spec.name}.log").write_text(text, "utf-8")


@asynccontextmanager
async def containers(
    plan: Plan, activities: Activities, folder: Path
) -> AsyncIterator[None]:
    """Make the containers, each ready before the next; remove them all."""
    system = plan.experiment.system
    engine = activities.world.containers
    making = Making(engine, activities, plan.ready, plan.project.root, folder)
    try:
        await making.begin()
        for spec in system.containers if system else ():
            await making.start(spec)
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await making.end()


def own_paths(root: Path) -> Sequence[str]:
    """Return where our own interpreter, this package and the project are."""
    package = Path(chaos_mcp.__file__).parents[1]
    return [sys.prefix, sys.base_prefix, str(package), str(root)]


def own_environment() -> dict[str, str]:
    """Return what makes `python` be ours there, and import what we can."""
    package = str(Path(chaos_mcp.__file__).parents[1])
    folders = [str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    return {"PATH": os.pathsep.join(folders), "PYTHONPATH": package}


def _limits(spec: Container) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if spec.cpus is not None:
        found["NanoCpus"] = round(spec.cpus * SECOND)
    if spec.memory is not None:
        found |= {"Memory": spec.memory, "MemorySwap": spec.memory}
    if spec.restart != "no":
        found["RestartPolicy"] = {"Name": spec.restart}
    return found


def _health(health: Health) -> dict[str, Any]:
    return {
        "Test": ["CMD", *health.command],
        "Interval": round(health.every * SECOND),
        "Timeout": round(health.timeout * SECOND),
        "Retries": health.retries,
    }


async def _listens(port: int) -> bool:
    """Tell whether somebody listens; the engine itself hangs up where nobody does."""
    try:
        async with await anyio.connect_tcp(HOST, port) as stream:
            with anyio.move_on_after(HANG_UP):
                await stream.receive(1)
                return True
            return True
    except (OSError, anyio.EndOfStream, anyio.BrokenResourceError):
        return False
