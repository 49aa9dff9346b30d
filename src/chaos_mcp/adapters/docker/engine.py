"""A Docker Engine: its containers, looked at, frozen, ended and started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.adapters.containers import RUN, Made
from chaos_mcp.adapters.docker import reading
from chaos_mcp.adapters.docker.calls import CALL, Calls, found, load, unless
from chaos_mcp.adapters.docker.making import Making
from chaos_mcp.adapters.docker.networks import Networks
from chaos_mcp.adapters.docker.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docker import APIClient

    from chaos_mcp.adapters.containers import (
        ContainerListed,
        ContainerSeen,
        EngineInfo,
    )

IDLE = r"is not (paused|running)|No such container"
"""What the engine says where there is nothing to end or to let go."""
__all__ = ["DockerEngine", "load"]


class DockerEngine(Resources, Networks, Making):
    """Speaks to one engine; see `Containers` for what each verb does."""

    def __init__(self, url: str = "", patience: float = CALL) -> None:
        self.calls = Calls(url, patience)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.calls.url

    def at(self, url: str) -> DockerEngine:
        """Return the engine that listens there: this one, mostly."""
        return self if url == self.url else DockerEngine(url, self.calls.patience)

    async def info(self) -> EngineInfo:
        """Return who it is."""
        return await self.calls.ask(
            lambda client: reading.info(client.info(), client.version())
        )

    async def listed(
        self, labels: Mapping[str, str] | None = None
    ) -> Sequence[ContainerListed]:
        """Return all containers, or those with these labels."""
        words = [f"{key}={value}" for key, value in (labels or {}).items()]
        filters = {"label": words} if words else None
        rows = await self.calls.ask(
            lambda client: client.containers(all=True, filters=filters)
        )
        return [reading.listed(row) for row in rows]

    async def made(self) -> Sequence[Made]:
        """Return the containers and networks of any run."""
        label = {"label": RUN}

        def made(client: APIClient) -> list[Made]:
            rows = client.containers(all=True, filters=label)
            nets = client.networks(filters=label)
            return [
                *(reading.made(row) for row in rows),
                *(Made("network", row["Name"], row["Labels"]) for row in nets),
            ]

        return await self.calls.ask(made)

    async def look(self, container: str) -> ContainerSeen | None:
        """Return a container."""
        said = await self.calls.ask(
            lambda client: found(lambda: client.inspect_container(container))
        )
        return reading.seen(said) if said else None

    async def pause(self, container: str) -> None:
        """Freeze it."""
        await self.calls.change(lambda client: client.pause(container))

    async def unpause(self, container: str) -> None:
        """Let it run on."""
        await self.calls.change(
            lambda client: unless(IDLE, lambda: client.unpause(container))
        )

    async def kill(self, container: str, number: str) -> None:
        """Send a signal."""
        await self.calls.change(
            lambda client: unless(IDLE, lambda: client.kill(container, number))
        )

    async def start(self, container: str) -> None:
        """Start it."""
        await self.calls.change(lambda client: client.start(container))
