"""A real target for each fault of the catalogue, and how to look at it from outside."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
import anyio.to_thread
import pytest
import yaml

from chaos_mcp.adapters.world import World
from chaos_mcp.registry import Registry
from tests.echo import Client
from tests.faults.disks import OWNER
from tests.faults.owned import NAME, OWNED, own_system
from tests.proxy.sites import site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from chaos_mcp.faults.base import Fault, Memo
    from tests.faults.owned import Own
    from tests.proxy.running import Server

FAMILY = "sleep 1000 & while :; do sleep 0.02; done"
"""A shell that starts a child that stays, and others all the time."""
SOON = 10.0
SURE: dict[str, dict[str, Any]] = {
    "network.cut": {"after": 0},
    "network.loss": {"loss": "90%", "rto": "10ms", "direction": "downstream"},
}
"""What makes a harm certain that else depends on chance, or on time."""


def made(kind: str, **changes: Any) -> Fault:
    """Return a fault made of its own example, with these arguments changed."""
    entry = Registry().find("fault", kind)
    assert entry is not None
    cls = entry.load()
    call = {"fault", "name", "for", "at"}
    written = {k: v for k, v in yaml.safe_load(cls.example).items() if k not in call}
    fault: Fault = cls.model_validate({**written, **SURE.get(kind, {}), **changes})
    return fault


@dataclass
class Stage:
    """A target that is there for one test; this one is for a fault that needs none."""

    fault: Fault
    world: World
    standing: ClassVar[str] = ""
    """What verifying says of a harm that stands; empty: there is no harm."""
    gone: ClassVar[Any] = {"left": 0}
    """What verifying says, among other things, where the target is gone."""
    already: ClassVar[str] = ""
    """What arming says where the harm is done already."""

    async def state(self) -> Any:
        """Return how the target is; equal means that nothing has changed."""

    async def halve(self, memo: Memo) -> None:
        """Leave the harm as if the injection had been cut short."""

    async def vanish(self) -> None:
        """Take the target away."""

    @asynccontextmanager
    async def in_use(self, memo: Memo) -> AsyncIterator[None]:
        """Use the target, where a harm shows only then."""
        del memo
        yield


@dataclass
class ProxyStage(Stage):
    """A proxy `cache` in front of an upstream."""

    standing: ClassVar[str] = "still carries"
    gone: ClassVar[Any] = {"proxy": "gone"}
    already: ClassVar[str] = r"carries .* already"

    async def state(self) -> Any:
        assert self.world.proxies is not None
        return await self.world.proxies.state("cache")

    async def halve(self, memo: Memo) -> None:
        assert self.world.proxies is not None
        await self.world.proxies.remove_toxic("cache", memo["toxics"][0])

    async def vanish(self) -> None:
        assert self.world.proxies is not None
        await self.world.proxies.delete("cache")

    @asynccontextmanager
    async def in_use(self, memo: Memo) -> AsyncIterator[None]:
        client = await anyio.to_thread.run_sync(talk, memo["listen"])
        yield
        client.close()


@dataclass
class SiteStage(ProxyStage):
    """One in front of a site over HTTP."""

    @asynccontextmanager
    async def in_use(self, memo: Memo) -> AsyncIterator[None]:
        client = await anyio.to_thread.run_sync(ask_for, memo["listen"])
        yield
        client.close()


def ask_for(listen: str, what: str = "POST /checkout") -> Client:
    """Send a request to whatever listens there."""
    client = Client(listen)
    client.send(f"{what} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
    return client


def talk(listen: str) -> Client:
    """Send something, and say that this was all, unless we are hung up on first."""
    client = Client(listen)
    with suppress(OSError):
        client.send(b"x" * 3000)
        client.socket.shutdown(socket.SHUT_WR)
    return client


@dataclass
class ProcessStage(Stage):
    """A shell with a child that stays and others that come and go."""

    shell: subprocess.Popen[bytes]
    child: int
    standing: ClassVar[str] = "still stopped"
    gone: ClassVar[Any] = {"stopped": 0, "running": 0}
    already: ClassVar[str] = "somebody has stopped it already"

    async def state(self) -> Any:
        return {pid: state_of(pid) in "Tt" for pid in (self.shell.pid, self.child)}

    async def halve(self, memo: Memo) -> None:
        del memo
        os.kill(self.shell.pid, signal.SIGCONT)

    async def vanish(self) -> None:
        os.killpg(self.shell.pid, signal.SIGKILL)
        await anyio.to_thread.run_sync(self.shell.wait)
        with anyio.fail_after(SOON):
            while state_of(self.child) not in "ZX":  # noqa: ASYNC110 - no parent of it
                await anyio.sleep(0.005)


def state_of(pid: int) -> str:
    """Return the letter that the kernel gives a process' state; X if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return "X"
    return text.rpartition(")")[2].split()[0]


def children_of(pid: int) -> list[int]:
    """Return the children of a process, oldest first."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
        return [int(word) for word in text.split()]
    return []


@contextmanager
def running(script: str = FAMILY) -> Iterator[subprocess.Popen[bytes]]:
    """Run a shell in a session of its own until it has a child; then kill them all."""
    with subprocess.Popen(["/bin/sh", "-c", script], start_new_session=True) as shell:
        try:
            deadline = time.monotonic() + SOON
            while not children_of(shell.pid) and time.monotonic() < deadline:
                time.sleep(0.005)
            yield shell
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)


@dataclass
class StressStage(Stage):
    """Nothing but the stressors themselves, and perhaps a process beside which."""

    shell: subprocess.Popen[bytes] | None = None
    standing: ClassVar[str] = "stressors still run"
    already: ClassVar[str] = "stressors that carry our tag run already"

    async def state(self) -> Any:
        return len(await self.world.stressors.left(self.world.owner))

    async def halve(self, memo: Memo) -> None:
        os.kill((await self.world.stressors.left(memo["tag"]))[0], signal.SIGKILL)

    async def vanish(self) -> None:
        if self.shell:
            os.killpg(self.shell.pid, signal.SIGKILL)
            await anyio.to_thread.run_sync(self.shell.wait)
        for pid in await self.world.stressors.left(self.world.owner):
            os.kill(pid, signal.SIGKILL)


STOPS: dict[str, dict[str, Any]] = {
    "process.signal": {"signal": "SIGSTOP", "tree": True},
}
SMALL: dict[str, dict[str, Any]] = {
    "host.cpu": {"cores": 1, "load": "20%"},
    "host.memory": {"to": None, "size": "8 MiB"},
    "process.cpu": {"load": "20%"},
    "process.memory": {"size": "8 MiB"},
}
"""How stressors are made to harm nobody else on the machine of the test."""


@asynccontextmanager
async def stress_stage(kind: str, world: World) -> AsyncIterator[Stage]:
    """Give a stage with stressors, all of which are gone at its end."""
    try:
        with running() as shell:
            if kind.startswith("host."):
                yield StressStage(made(kind, **SMALL[kind]), world)
            else:
                fault = made(kind, pid=shell.pid, **SMALL[kind])
                yield StressStage(fault, world, shell)
    finally:
        await world.stressors.end(world.owner)


@dataclass
class BoundStage(ProcessStage):
    """The same shell, as far as it may open files."""

    standing: ClassVar[str] = "still bounded"
    gone: ClassVar[Any] = {"bounded": 0, "running": 0}
    already: ClassVar[str] = "can open no more than 0 files already"

    async def state(self) -> Any:
        pids = (self.shell.pid, self.child)
        return {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in pids}

    async def halve(self, memo: Memo) -> None:
        one = memo["bounds"][0]
        old = (one["soft"], one["hard"])
        resource.prlimit(self.shell.pid, resource.RLIMIT_NOFILE, old)


@dataclass
class OwnedStage(Stage):
    """A process of a run's own system, which only the run can start again."""

    own: Own
    standing: ClassVar[str] = "does not run"
    gone: ClassVar[Any] = {"system": "ended"}
    already: ClassVar[str] = "there is no process|it is dead already"

    async def state(self) -> Any:
        return self.own.state()

    async def halve(self, memo: Memo) -> None:
        del memo
        await self.own.parts.restart(NAME)

    async def vanish(self) -> None:
        await self.own.parts.end()


@dataclass
class DiskStage(Stage):
    """A directory that other files are in as well."""

    folder: Path
    standing: ClassVar[str] = "is still there"
    gone: ClassVar[Any] = {"file": "gone"}
    already: ClassVar[str] = f"there is .chaos-fill-{OWNER} in .* already"

    async def state(self) -> Any:
        return {one.name: one.stat().st_size for one in self.folder.iterdir()}

    async def halve(self, memo: Memo) -> None:
        os.truncate(self.folder / memo["name"], memo["take"] // 2)

    async def vanish(self) -> None:
        shutil.rmtree(self.folder)


@dataclass
class InodeStage(DiskStage):
    """The same directory, with many empty files."""

    gone: ClassVar[Any] = {"files": "gone"}
    already: ClassVar[str] = f"there is .chaos-inodes-{OWNER} in .* already"

    async def state(self) -> Any:
        return {one.name for one in self.folder.iterdir()}

    async def halve(self, memo: Memo) -> None:
        shutil.rmtree(self.folder / memo["name"] / "0")
        (self.folder / memo["name"] / "README").write_bytes(b"chaos-mcp disk.in")


@dataclass
class ClockStage(OwnedStage):
    """The same process, by its clock."""

    standing: ClassVar[str] = "is still off"
    already: ClassVar[str] = "is off already"

    async def halve(self, memo: Memo) -> None:
        """Kill it, as if it had not yet been started again."""
        del memo
        os.kill(self.own.pid, signal.SIGKILL)


def disk_stage(kind: str, world: World, folder: Path) -> Stage:
    """Give a directory that may be filled a little on any disk."""
    data = folder / "data"
    data.mkdir()
    (data / "orders").write_bytes(b"x" * 100)
    if kind == "disk.inodes":
        few = made(kind, path=str(data), leave=None, count=50)
        return InodeStage(few, world, data)
    fault = made(kind, path=str(data), leave=None, size="8 MiB")
    return DiskStage(fault, world, data)


@asynccontextmanager
async def stage_for(
    kind: str, server: Server, upstream: str, folder: Path
) -> AsyncIterator[Stage]:
    """Give the target that a fault of this kind needs."""
    world = World(owner=OWNER)
    if kind.startswith("network."):
        async with server.attached() as proxies:
            await proxies.create("cache", upstream, "127.0.0.1:0")
            yield ProxyStage(made(kind), replace(world, proxies=proxies))
    elif kind.startswith("http."):
        async with server.attached() as proxies:
            with site() as shop:
                await proxies.create("cache", shop.address, "127.0.0.1:0")
                fault = made(kind, proxy="cache", path="/*", share=1)
                yield SiteStage(fault, replace(world, proxies=proxies))
    elif kind.startswith("container."):
        from tests.faults.containers import container_stage  # noqa: PLC0415 - below us

        with container_stage(kind, world) as found:
            yield found
    elif kind in OWNED:
        async with own_system(folder) as own:
            fault = made(kind, process=NAME, pid=own.pid)
            if kind == "clock.skew" and not world.clocks.library():
                pytest.skip("needs libfaketime (Debian: apt-get install faketime)")
            stand = ClockStage if kind == "clock.skew" else OwnedStage
            yield stand(fault, replace(world, system=own.parts), own)
    elif kind in SMALL:
        async with stress_stage(kind, world) as stage:
            yield stage
    elif kind == "file.descriptors":
        with running() as shell:
            child = children_of(shell.pid)[0]
            yield BoundStage(made(kind, pid=shell.pid), world, shell, child)
    elif kind.startswith("process."):
        with running() as shell:
            child = children_of(shell.pid)[0]
            fault = made(kind, pid=shell.pid, **STOPS.get(kind, {}))
            yield ProcessStage(fault, world, shell, child)
    elif kind.startswith("disk."):
        yield disk_stage(kind, world, folder)
    else:
        yield Stage(made(kind), world)
