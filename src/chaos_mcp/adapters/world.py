"""The world as faults and probes see it: a few protocols, each spoken by an adapter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from chaos_mcp.adapters.later import here

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chaos_mcp.adapters.clocks import Clocks
    from chaos_mcp.adapters.containers import Containers
    from chaos_mcp.adapters.descriptors import Descriptors
    from chaos_mcp.adapters.inodes import Litter
    from chaos_mcp.adapters.local import Files, Processes
    from chaos_mcp.adapters.owned import System
    from chaos_mcp.adapters.stress import Stressors


SKIPS = ("skip_connections", "skip_bytes", "skip_seconds")
"""What a toxic of the embedded proxy may let through at first."""


@dataclass(frozen=True, slots=True)
class Toxic:
    """A toxic on one stream of a proxy, as Toxiproxy's API has it."""

    name: str
    type: str
    stream: str
    """`upstream` (client to server) or `downstream` (server to client)."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    toxicity: float = 1.0
    ttl: float | None = None
    """Seconds after which it removes itself; only the embedded proxy can."""
    skips: Mapping[str, float] = field(default_factory=dict)
    """What it lets through at first; only the embedded proxy can."""


@dataclass(frozen=True, slots=True)
class ProxyState:
    """A proxy as its server reports it."""

    name: str
    listen: str
    upstream: str
    enabled: bool
    toxics: tuple[Toxic, ...] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """What a toxic has done to traffic since it was added."""

    connections: int = 0
    bytes: int = 0
    dropped_bytes: int = 0
    delayed_seconds: float = 0.0
    closed: int = 0


class Proxies(Protocol):
    """A server of Toxiproxy's API, embedded or foreign.

    Raise `PartMissing` when it cannot be reached, `ActivityFailed` when it refuses.
    """

    @property
    def url(self) -> str:
        """Where it listens."""
        ...

    def place(self) -> Mapping[str, Any]:
        """Return how another process reaches it, as JSON (`adapters.reach`)."""
        ...

    async def create(self, name: str, upstream: str, listen: str) -> ProxyState:
        """Make a proxy and return it with the address that it really has."""
        ...

    async def delete(self, name: str) -> None:
        """Remove a proxy; nothing happens if there is none."""
        ...

    async def state(self, name: str) -> ProxyState | None:
        """Return a proxy as it is now, or None."""
        ...

    async def states(self) -> tuple[ProxyState, ...]:
        """Return all proxies as they are now."""
        ...

    async def add_toxic(self, proxy: str, toxic: Toxic) -> None:
        """Add a toxic, for new and for open connections."""
        ...

    async def add_toxics(self, proxy: str, toxics: Sequence[Toxic]) -> None:
        """Add several, at the same moment where the server can."""
        ...

    async def remove_toxic(self, proxy: str, name: str) -> None:
        """Remove a toxic; nothing happens if there is none."""
        ...

    async def effects(self, proxy: str, name: str) -> Effects | None:
        """Return what a toxic has done so far, or None where nobody counts it."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a fault that chooses its targets may choose from."""

    run: str = ""
    """Whose own parts may be called by the names in the experiment."""
    protect: tuple[str, ...] = ()
    """Names, or patterns of names, of what is never touched."""
    targets: tuple[str, ...] = ()
    """Names of what may be touched; anything if empty."""


@dataclass(frozen=True, slots=True)
class World:
    """What faults and probes may reach, and the tag of whoever reaches.

    What belongs to this machine is real unless something else is given, so that
    another process can undo with nothing but what was written down.
    """

    proxies: Proxies | None = None
    processes: Processes = field(default_factory=here("processes", "LocalProcesses"))
    files: Files = field(default_factory=here("files", "LocalFiles"))
    containers: Containers = field(
        default_factory=here("docker.engine", "DockerEngine")
    )
    bounds: Bounds = field(default_factory=Bounds)
    litter: Litter = field(default_factory=here("inodes", "LocalLitter"))
    clocks: Clocks = field(default_factory=here("clocks", "LocalClocks"))
    descriptors: Descriptors = field(
        default_factory=here("descriptors", "LocalDescriptors")
    )
    stressors: Stressors = field(default_factory=here("stress", "LocalStressors"))
    system: System | None = None
    """What the run has started itself; nobody but the run can reach it."""
    keep: tuple[str, ...] = ()
    """Paths on whose file systems we ourselves need room, such as the run's folder."""
    owner: str = "chaos-manual"
    """The tag that everything we make carries, such as `chaos-<run>-<n>`."""
    patience: float = 5.0
    """Seconds that a proof may take to see the effect."""
    chance: str = ""
    """What is drawn from, where targets are chosen: the run's seed and the fault."""
    most: int | None = None
    """How many targets the blast radius allows."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def place(self) -> dict[str, Any]:
        """Return where to find all this from another process, as JSON."""
        return {"proxies": dict(self.proxies.place())} if self.proxies else {}
