"""The world of a run that is gone, reached from another process."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.world import ProxyState, World
from chaos_mcp.errors import ActivityFailed, PartMissing
from chaos_mcp.machine.identity import identity_from

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from chaos_mcp.adapters.world import Effects, Proxies, Toxic


class GoneProxies:
    """A server that has ended, and so carries nothing any more."""

    def __init__(self, url: str) -> None:
        self.url = url

    def place(self) -> Mapping[str, Any]:
        """Return where it was."""
        return {"kind": "embedded", "url": self.url}

    async def create(self, name: str, upstream: str, listen: str) -> ProxyState:
        """Refuse."""
        del upstream, listen
        raise PartMissing(f"the proxy server of {name!r} has ended")

    async def delete(self, name: str) -> None:
        """Do nothing: there is none."""

    async def state(self, name: str) -> ProxyState | None:
        """Find nothing."""
        del name
        return None

    async def states(self) -> tuple[ProxyState, ...]:
        """Find nothing."""
        return ()

    async def add_toxic(self, proxy: str, toxic: Toxic) -> None:
        """Refuse."""
        del toxic
        raise PartMissing(f"the proxy server of {proxy!r} has ended")

    async def add_toxics(self, proxy: str, toxics: Sequence[Toxic]) -> None:
        """Refuse."""
        del toxics
        raise PartMissing(f"the proxy server of {proxy!r} has ended")

    async def remove_toxic(self, proxy: str, name: str) -> None:
        """Do nothing: there is none."""

    async def effects(self, proxy: str, name: str) -> Effects | None:
        """Find nothing."""
        del proxy, name
        return None


def load(kind: str) -> None:
    """Load what speaking to this kind of server needs, before it is needed."""
    if kind == "docker":
        from chaos_mcp.adapters.docker import engine  # noqa: PLC0415 - a heavy SDK

        engine.load()
        return
    if kind == "toxiproxy":
        from chaos_mcp.adapters.toxiproxy import load as load_sdk  # noqa: PLC0415

        load_sdk()
    import anyio  # noqa: PLC0415 - the point of this

    anyio.run(_try)


async def _try() -> None:
    """Speak to nobody: that loads all that speaking to somebody will."""
    from chaos_mcp.adapters.embedded import attach  # noqa: PLC0415 - as above

    with suppress(PartMissing):
        async with attach("http://127.0.0.1:1") as nobody:
            await nobody.states()


@asynccontextmanager
async def reach(place: Mapping[str, Any], owner: str) -> AsyncIterator[World]:
    """Yield the world that `World.place` described.

    Raise `ActivityFailed` if it cannot be understood.
    """
    proxies = place.get("proxies")
    if not proxies:
        yield World(owner=owner)
        return
    async with _proxies(proxies) as server:
        yield World(proxies=server, owner=owner)


@asynccontextmanager
async def _proxies(place: Any) -> AsyncIterator[Proxies]:
    match place:
        case {"kind": "toxiproxy", "url": str(url)}:
            from chaos_mcp.adapters.toxiproxy import (  # noqa: PLC0415 - a heavy SDK
                ForeignToxiproxy,
            )

            yield ForeignToxiproxy(url)
        case {"kind": "embedded", "url": str(url)}:
            server = identity_from(place.get("server"))
            if server and server.knowable() and not server.alive():
                yield GoneProxies(url)
                return
            from chaos_mcp.adapters.embedded import attach  # noqa: PLC0415 - as above

            async with attach(url, server) as proxies:
                yield proxies
        case _:
            raise ActivityFailed(f"the journal names no proxy server: {place!r}")
