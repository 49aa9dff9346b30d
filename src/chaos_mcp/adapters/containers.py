"""Containers as faults and probes see them, whichever engine runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUN = "chaos.run"
"""The label that says which run has made a container."""
MAKER = "chaos.maker"
"""The label that says which process that was (`machine.maker.mark`)."""
OWNER = "chaos.owner"
"""The label that says which fault has made it."""
DEADLINE = "chaos.deadline"
"""The label that says by when it has to be gone, in seconds since 1970."""
PART = "chaos.part"
"""The label that says what the experiment calls it."""
PROTECTED = "chaos.protected"
"""The label by which somebody says that a container must never be harmed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container may use; None: as much as there is."""

    nano_cpus: int | None = None
    """Billionths of a core. An engine has either this or a quota, never both."""
    cpu_quota: int | None = None
    """Microseconds of processor time in each period."""
    cpu_period: int | None = None
    memory: int | None = None
    memory_swap: int | None = None
    """Memory and swap together."""

    @property
    def cores(self) -> float | None:
        """Return how many cores that is."""
        if self.nano_cpus is not None:
            return self.nano_cpus / 1e9
        if self.cpu_quota is not None:
            return self.cpu_quota / (self.cpu_period or 100_000)
        return None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How a container is on a network, and how to put it there again."""

    network: str
    """The network's id."""
    name: str
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    address: str = ""
    address6: str = ""
    fixed: str = ""
    """The address that somebody has asked for; empty: the engine chose it."""
    fixed6: str = ""


@dataclass(frozen=True, slots=True)
class ContainerSeen:
    """A container as it was at one moment."""

    id: str
    name: str
    image: str
    labels: Mapping[str, str]
    status: str
    """created, running, paused, restarting, removing, exited or dead."""
    started: str
    """When it was started last: with the id, what tells one life from the next."""
    pid: int = 0
    exit_code: int = 0
    oom_killed: bool = False
    health: str = ""
    """starting, healthy or unhealthy; empty where it has no health check."""
    restarts: int = 0
    removes_itself: bool = False
    stop_signal: str = "SIGTERM"
    network_mode: str = ""
    limits: Limits = field(default_factory=Limits)
    written: Mapping[str, int] = field(default_factory=dict)
    """The limits as the engine has them, which takes some numbers for none."""
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def runs(self) -> bool:
        """Tell whether it has a process, be it a frozen one."""
        return self.status in ("running", "paused")


@dataclass(frozen=True, slots=True)
class ContainerListed:
    """A container as the list of all has it."""

    id: str
    name: str
    image: str
    labels: Mapping[str, str]
    status: str


@dataclass(frozen=True, slots=True)
class Made:
    """Something that carries the label of a run."""

    what: Literal["container", "network"]
    name: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container has used, at one moment."""

    read: float
    """Seconds, by the engine's clock."""
    cpu: float
    """Seconds of processor time since it began."""
    memory: int
    """Bytes, without what the kernel can give back at once."""
    throttled: int = 0
    """How many periods it had to wait at the end of."""


@dataclass(frozen=True, slots=True)
class PacketRule:
    """Packets that are dropped in a container's own network."""

    chain: str
    """INPUT for what arrives, OUTPUT for what leaves."""
    tag: str
    peer: str = ""
    """An address or a range of them; empty: everybody but the container itself."""
    loss: float = 1.0
    """The chance of each packet to be dropped."""
    family: int = 4
    packets: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine says of itself."""

    id: str
    version: str
    api: str
    now: float
    """Seconds since 1970, by its clock."""
    cgroup_driver: str = ""
    cgroup_version: str = ""
    cores: int = 0


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """A container to be made."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    host: Mapping[str, Any] = field(default_factory=dict)
    """What the engine calls its `HostConfig`: limits, cgroup, ports, mounts."""
    ports: tuple[int, ...] = ()
    network: str = ""
    aliases: tuple[str, ...] = ()
    health: Mapping[str, Any] = field(default_factory=dict)
    workdir: str = ""


class Looking(Protocol):
    """Looks at what an engine has, and changes nothing.

    Raise `PartMissing` when it does not answer, and `ActivityFailed` when it refuses.
    """

    @property
    def url(self) -> str:
        """Where it listens."""
        ...

    def at(self, url: str) -> Containers:
        """Return the engine that listens there."""
        ...

    def ourselves(self) -> str:
        """Return the id of the container that we run in, if we do."""
        ...

    async def info(self) -> EngineInfo:
        """Return who it is."""
        ...

    async def listed(
        self, labels: Mapping[str, str] | None = None
    ) -> Sequence[ContainerListed]:
        """Return all containers, whatever their state; or those with these labels."""
        ...

    async def made(self) -> Sequence[Made]:
        """Return the containers and networks that carry the label of any run."""
        ...

    async def look(self, container: str) -> ContainerSeen | None:
        """Return a container, by id or name, or None."""
        ...

    async def signalled(self, seen: ContainerSeen, since: float) -> bool:
        """Tell whether the engine sent it a signal since then, and since it started."""
        ...

    async def usage(self, seen: ContainerSeen) -> Usage | None:
        """Return what it has used so far, or None if there is no such container."""
        ...

    async def real_limits(self, seen: ContainerSeen) -> Limits | None:
        """Return the limits that the kernel has, or None where we cannot see them."""
        ...

    async def routes(self, seen: ContainerSeen) -> int | None:
        """Return how many routes it has, or None where we cannot see them."""
        ...

    async def out_of_memory(self, container: str, since: float) -> bool:
        """Tell whether something in it was killed for want of memory since then."""
        ...

    async def rules(self, seen: ContainerSeen, tag: str) -> Sequence[PacketRule]:
        """Return the rules with this tag in its network; none if it does not run."""
        ...

    async def logs(self, container: str, since: float, most: int) -> str:
        """Return the last so many lines that it wrote since then."""
        ...

    def cgroup(self, seen: ContainerSeen, info: EngineInfo) -> str:
        """Return which control group a container has, for another to be inside it.

        Empty where none can be.
        """
        ...

    def cannot_drop(self) -> str:
        """Say why no packets can be dropped in containers; empty if they can."""
        ...


class Containers(Looking, Protocol):
    """A container engine, and what can be done with it.

    A change is carried to its end even if the caller is cancelled.
    """

    async def pause(self, container: str) -> None:
        """Freeze it."""
        ...

    async def unpause(self, container: str) -> None:
        """Let it run on; nothing happens if it does."""
        ...

    async def kill(self, container: str, number: str) -> None:
        """Send a signal; nothing happens if it does not run."""
        ...

    async def start(self, container: str) -> None:
        """Start it; nothing happens if it runs."""
        ...

    async def limit(self, container: str, limits: Mapping[str, int]) -> None:
        """Change its limits while it runs; by the engine's names of them."""
        ...

    async def unlimit(self, container: str, before: Mapping[str, int]) -> None:
        """Give it the limits back that it had, as `ContainerSeen.written` has them."""
        ...

    async def disconnect(self, container: str, endpoint: Endpoint) -> None:
        """Take it off a network; nothing happens if it is not on it."""
        ...

    async def connect(self, container: str, endpoint: Endpoint) -> None:
        """Put it on a network again, under the same names and address if it can be."""
        ...

    async def drop(self, seen: ContainerSeen, rules: Sequence[PacketRule]) -> None:
        """Drop packets in its network."""
        ...

    async def let_pass(self, seen: ContainerSeen, tag: str) -> None:
        """Remove the rules with this tag from its network."""
        ...

    async def stress_image(self, wanted: str) -> str:
        """Return the image to stress with, made or pulled if need be."""
        ...

    async def run(self, spec: ContainerSpec) -> str:
        """Make a container and start it; return its id."""
        ...

    async def own_image(self, paths: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
        """Return an image of this machine's programs, and what it needs of the host.

        With them, these paths can be read there as they can here.
        """
        ...

    async def network(self, name: str, labels: Mapping[str, str]) -> None:
        """Make a network."""
        ...

    async def clear(self, run: str) -> None:
        """Remove all containers and networks that carry a run's label."""
        ...

    async def remove(self, container: str) -> None:
        """Kill a container and remove it; nothing happens if there is none."""
        ...
