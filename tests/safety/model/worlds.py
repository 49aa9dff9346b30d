"""Two worlds in which runs live and die: one that is made up, and real proxies."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from chaos_mcp import failpoints
from chaos_mcp.adapters.embedded import attach
from chaos_mcp.adapters.world import ProxyState, Toxic, World
from chaos_mcp.errors import ActivityFailed
from chaos_mcp.machine.identity import identity_of
from tests.proxy.running import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    import pytest

    from chaos_mcp.adapters.world import Effects, Proxies
    from tests.safety.sites import Site

PROXIES = ("cache", "store")
NOT_ASKED = "nobody asks a made-up world for that"


class ToxicWorld(Protocol):
    """What can be done to a world, and seen of it, from outside of all runs."""

    trouble: str
    """How removals of toxics fail: they `jam`, or do nothing and say that they did."""
    times: int
    """How many removals do from now on; 0 where none can."""

    @property
    def proxies(self) -> Proxies:
        """Return what a run reaches it by."""
        ...

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        """Make it as new, and let `recover` reach it."""
        ...

    def carried(self) -> dict[str, set[str]]:
        """Return by proxy the toxics that it carries."""
        ...

    def add(self, proxy: str, toxic: str) -> None:
        """Add a toxic of nobody's run."""
        ...

    def remove(self, proxy: str, toxic: str) -> None:
        """Remove a toxic, whosever it is."""
        ...

    def restart(self) -> None:
        """Let all proxies be made anew, without any toxics."""
        ...

    def expire(self, mortal: set[str]) -> None:
        """Let the lifetime of these pass."""
        ...


@dataclass
class MadeUp:
    """A world in memory, in which a run may die between any two toxics."""

    trouble: str = ""
    times: int = 0
    toxics: dict[str, dict[str, Toxic]] = field(default_factory=dict)
    url: str = "nowhere"

    @property
    def proxies(self) -> Proxies:
        return self

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        @asynccontextmanager
        async def reach(_: Any, owner: str) -> AsyncIterator[World]:
            yield World(proxies=self, owner=owner)

        async def accepts(_: str) -> None:
            """Accept: nobody listens here, and it is not this that is tested."""

        patch.setattr("chaos_mcp.engine.recover.reach", reach)
        patch.setattr("chaos_mcp.faults._toxic._accepts", accepts)
        self.restart()

    def carried(self) -> dict[str, set[str]]:
        return {proxy: set(toxics) for proxy, toxics in self.toxics.items()}

    def add(self, proxy: str, toxic: str) -> None:
        self.toxics[proxy][toxic] = Toxic(toxic, "latency", "downstream")

    def remove(self, proxy: str, toxic: str) -> None:
        self.toxics[proxy].pop(toxic, None)

    def restart(self) -> None:
        self.toxics = {proxy: {} for proxy in PROXIES}

    def expire(self, mortal: set[str]) -> None:
        for toxics in self.toxics.values():
            for name in mortal & set(toxics):
                assert toxics[name].ttl is not None
                del toxics[name]

    def place(self) -> Mapping[str, Any]:
        return {"kind": "made up"}

    async def create(self, name: str, upstream: str, listen: str) -> ProxyState:
        del name, upstream, listen
        raise AssertionError(NOT_ASKED)

    async def delete(self, name: str) -> None:
        del name
        raise AssertionError(NOT_ASKED)

    async def state(self, name: str) -> ProxyState | None:
        failpoints.passing("looked")
        return ProxyState(name, "", "", True, tuple(self.toxics[name].values()))  # noqa: FBT003

    async def states(self) -> tuple[ProxyState, ...]:
        found = [await self.state(name) for name in self.toxics]
        return tuple(one for one in found if one)

    async def add_toxic(self, proxy: str, toxic: Toxic) -> None:
        failpoints.passing("add")
        if toxic.name in self.toxics[proxy]:
            raise ActivityFailed("there is one of that name")
        self.toxics[proxy][toxic.name] = toxic
        failpoints.passing("added")

    async def add_toxics(self, proxy: str, toxics: Sequence[Toxic]) -> None:
        for toxic in toxics:
            await self.add_toxic(proxy, toxic)

    async def remove_toxic(self, proxy: str, name: str) -> None:
        failpoints.passing("remove")
        if self.times:
            self.times -= 1
            if self.trouble == "jam":
                raise ActivityFailed("it is jammed")
            return
        self.remove(proxy, name)
        failpoints.passing("removed")

    async def effects(self, proxy: str, name: str) -> Effects | None:
        del proxy, name
        raise AssertionError(NOT_ASKED)


@dataclass
class RealProxies:
    """A world of real proxies on a server in a process of its own."""

    site: Site
    trouble: str = ""
    times: int = 0

    @property
    def proxies(self) -> Any:
        return AttachedAnew(self.site)

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        del patch
        self.restart()

    def carried(self) -> dict[str, set[str]]:
        found = self.site.call("GET", "/proxies")
        return {
            proxy: {one["name"] for one in state["toxics"]}
            for proxy, state in found.items()
        }

    def add(self, proxy: str, toxic: str) -> None:
        self.site.add(toxic, proxy)

    def remove(self, proxy: str, toxic: str) -> None:
        self.site.call("DELETE", f"/proxies/{proxy}/toxics/{toxic}")

    def restart(self) -> None:
        self.site.server.empty()
        for proxy in PROXIES:
            self.site.make(proxy)

    def expire(self, mortal: set[str]) -> None:
        until(lambda: not mortal & set().union(*self.carried().values()))


@dataclass
class AttachedAnew:
    """Speaks to the server in whatever loop it is called: each run's step has one."""

    site: Site

    @property
    def url(self) -> str:
        return self.site.server.url

    def place(self) -> Mapping[str, Any]:
        server = identity_of(self.site.server.process.pid).as_json()
        return {"kind": "embedded", "url": self.url, "server": server}

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any) -> Any:
            async with attach(self.url) as proxies:
                return await getattr(proxies, name)(*arguments)

        return call
