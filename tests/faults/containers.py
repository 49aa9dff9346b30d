"""A real container for each fault on containers, and how to look at it from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import anyio.to_thread
import pytest

from tests.containers.engine import Container, container, network
from tests.faults.disks import OWNER
from tests.faults.stages import Stage, made

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

NET = f"10.213.{os.getpid() % 250}"
"""Where tests that run at the same time do not meet."""


@dataclass
class ContainerStage(Stage):
    """A container that does little."""

    one: Container

    @property
    def gone(self) -> Any:
        return {self.one_name: "gone"}

    def __post_init__(self) -> None:
        self.one_name = self.one.name

    async def state(self) -> Any:
        return await anyio.to_thread.run_sync(lambda: self.one.status)

    async def vanish(self) -> None:
        await anyio.to_thread.run_sync(self.one.remove)


@dataclass
class PausedStage(ContainerStage):
    """One that is frozen."""

    standing: ClassVar[str] = "is still paused"
    already: ClassVar[str] = "is paused already"

    async def halve(self, memo: Memo) -> None:
        del memo
        self.one.client.unpause(self.one.id)


@dataclass
class DownStage(ContainerStage):
    """One that is ended."""

    standing: ClassVar[str] = "does not run"
    already: ClassVar[str] = "is exited already"

    async def halve(self, memo: Memo) -> None:
        """Have it be asked to end, and not have ended."""
        await self.fault.undo(self.world, memo)
        self.one.client.kill(self.one.id, "SIGTERM")


@dataclass
class LimitStage(ContainerStage):
    """One with limits of its own."""

    standing: ClassVar[str] = "is still limited"
    already: ClassVar[str] = "has no more than"

    async def state(self) -> Any:
        host = (await anyio.to_thread.run_sync(self.one.said))["HostConfig"]
        return {key: host[key] for key in ("NanoCpus", "CpuQuota", "Memory")}

    async def halve(self, memo: Memo) -> None:
        """Give the memory back, and not the rest."""
        before = memo["containers"][0]["before"]
        self.one.client.update_container(
            self.one.id,
            mem_limit=before["Memory"],
            memswap_limit=before["MemorySwap"],
        )


@dataclass
class DisconnectStage(ContainerStage):
    """One on a network, under a name and at an address that somebody has chosen."""

    standing: ClassVar[str] = "is still not on"
    already: ClassVar[str] = "is not on any network already"

    async def state(self) -> Any:
        said = await anyio.to_thread.run_sync(self.one.said)
        return {
            name: (sorted(one["Aliases"]), one["IPAddress"], one["IPAMConfig"])
            for name, one in said["NetworkSettings"]["Networks"].items()
        }

    async def halve(self, memo: Memo) -> None:
        """Put it on again, and have it be taken off once more."""
        await self.fault.undo(self.world, memo)
        await self.fault.inject(self.world, memo)


@dataclass
class PartitionStage(ContainerStage):
    """One that speaks to others."""

    standing: ClassVar[str] = "rules still drop packets"
    already: ClassVar[str] = f"has rules with the tag {OWNER} already"

    async def state(self) -> Any:
        return await anyio.to_thread.run_sync(lambda: rules_of(self.one))

    async def halve(self, memo: Memo) -> None:
        del memo
        inside(self.one, "iptables", "-D", "INPUT", "1")

    @asynccontextmanager
    async def in_use(self, memo: Memo) -> AsyncIterator[None]:
        del memo
        self.one.run("ping", "-c", "1", "-W", "1", "172.17.0.1")
        yield


@dataclass
class StressStage(ContainerStage):
    """One that stress can be put into."""

    standing: ClassVar[str] = "still stresses"
    already: ClassVar[str] = f"is stressed by {OWNER} already"

    @property
    def gone(self) -> Any:
        return {self.one_name: "free"}

    async def state(self) -> Any:
        return await anyio.to_thread.run_sync(self._tools)

    def _tools(self) -> list[Any]:
        wanted = {"label": "chaos.owner", "name": self.one.id[:12]}
        found = self.one.client.containers(all=True, filters=wanted)
        return [one["Names"] for one in found]

    def clear(self) -> None:
        """Remove what stresses it still."""
        for (name,) in self._tools():
            self.one.client.remove_container(name.lstrip("/"), force=True)

    async def halve(self, memo: Memo) -> None:
        """Have the stress be made, and not be started."""
        (one,) = memo["containers"]
        client = self.one.client
        image = client.inspect_container(one["stressor"])["Config"]["Image"]
        client.remove_container(one["stressor"], force=True)
        labels = {"chaos.owner": memo["owner"]}
        client.create_container(image, "true", name=one["stressor"], labels=labels)


STAGES: dict[str, tuple[type[ContainerStage], dict[str, Any]]] = {
    "container.cpu-stress": (StressStage, {"load": "20%"}),
    "container.disconnect": (DisconnectStage, {}),
    "container.kill": (DownStage, {}),
    "container.limit": (LimitStage, {}),
    "container.memory-stress": (StressStage, {"of-limit": None, "size": "16 MiB"}),
    "container.partition": (PartitionStage, {"peers": (), "direction": "both"}),
    "container.pause": (PausedStage, {}),
    "container.restart": (DownStage, {}),
    "container.stop": (DownStage, {}),
}
"""What each is tried on, and with which arguments."""


@contextmanager
def container_stage(kind: str, world: World) -> Iterator[ContainerStage]:
    """Give the container that a fault of this kind needs."""
    stage, arguments = STAGES[kind]
    host: dict[str, Any] = {"mem_limit": "128m", "nano_cpus": 10**9}
    if stage is PartitionStage:
        needs("nsenter", "iptables-save")
    elif stage is StressStage:
        needs("stress-ng")
    if stage is DisconnectStage:
        with network(f"{NET}.0/24") as net, net.container(f"{NET}.9", "cable") as one:
            yield stage(made(kind, container=one.name), world, one)
        return
    if stage is not PartitionStage:
        host["network_mode"] = "none"
    with container(host=host) as one:
        found = stage(made(kind, container=one.name, **arguments), world, one)
        try:
            yield found
        finally:
            if isinstance(found, StressStage):
                found.clear()


def needs(*programs: str) -> None:
    """Skip the test where one of these is missing."""
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"there is no {program} here")


def inside(one: Container, *command: str) -> str:
    """Run a command of this machine in a container's network; return what it wrote."""
    enter = ["nsenter", "-t", str(one.pid), "-n", *command]
    done = subprocess.run(enter, capture_output=True, text=True, check=True)
    return done.stdout


def rules_of(one: Container) -> list[str]:
    """Return the rules in a container's network, as they were given."""
    if one.status != "running":
        return []
    return [line for line in inside(one, "iptables", "-S").splitlines() if "-A" in line]
