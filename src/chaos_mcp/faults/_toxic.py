"""Faults on the network: toxics on a proxy, added, seen to act, removed, seen gone."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import anyio
from pydantic import Field

from chaos_mcp.adapters.world import Toxic
from chaos_mcp.errors import FaultRefused, PartMissing, UndoFailed
from chaos_mcp.experiment.units import Duration, Share, Size
from chaos_mcp.faults.base import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anyio.abc import ByteStream

    from chaos_mcp.adapters.world import Proxies, World
    from chaos_mcp.faults.base import Memo

LOOK = 0.02
"""Seconds between two looks at what a toxic has done."""
CONNECT = 2.0
Stream = Literal["upstream", "downstream"]
Direction = Literal["both", "upstream", "downstream"]
Distribution = Literal["uniform", "normal", "lognormal", "pareto"]


class ToxicFault(Fault):
    """A fault that is one toxic on each direction it is for."""

    toxic: ClassVar[str]
    """Toxiproxy's name of it."""

    proxy: str = Field(description="The proxy through which the traffic goes.")
    toxicity: Share = Field(
        default=1.0, description="The share of connections that it meets."
    )
    skip_connections: int = Field(
        default=0, ge=0, description="How many connections are let through at first."
    )
    skip_bytes: Size = Field(
        default=0, description="How much of each connection is let through at first."
    )
    skip_for: Duration = Field(
        default=0.0, description="How long each connection is let alone at first."
    )

    needs_traffic: ClassVar[bool] = True
    lands_late: ClassVar[float] = 0.5
    undo_in_words: ClassVar[str] = "remove our toxics from the proxy"

    @classmethod
    def warm(cls) -> None:
        """Need nothing of this machine: a server is spoken to."""

    @abstractmethod
    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that it is for."""

    @abstractmethod
    def attributes(self) -> Mapping[str, Any]:
        """Return the toxic's attributes, in Toxiproxy's units."""

    def targets(self) -> tuple[str, ...]:
        """Return the proxy."""
        return (f"proxy:{self.proxy}",)

    def unfit(self, listens: Mapping[str, str]) -> str:
        """Return why it cannot be on a proxy of datagrams, if it cannot."""
        if not listens.get(self.proxy, "").startswith("udp://"):
            return ""
        from chaos_mcp.proxy.toxics import carries  # noqa: PLC0415 - only for these

        if not carries(self.toxic, datagrams=True):
            return f"{self.kind} is for streams; {self.proxy!r} carries datagrams"
        if self.skip_bytes or self.skip_for:
            return "skip-bytes and skip-for are for streams, not for datagrams"
        return ""

    def ends_with_us(self, world: World) -> bool:
        """Tell whether it is on a server of our own, which nobody else keeps alive."""
        return bool(world.proxies and world.proxies.place().get("server"))

    def claims(self, world: World, memo: Memo) -> tuple[str, ...]:
        """Return the proxy, and whose."""
        return (f"proxy:{memo['proxy']} of {_proxies(world).url}",)

    async def arm(self, world: World) -> Memo:
        """See that the proxy is there, is enabled, and carries nothing of ours."""
        state = await _proxies(world).state(self.proxy)
        if state is None:
            raise FaultRefused(f"there is no proxy {self.proxy!r}")
        if not state.enabled:
            raise FaultRefused(f"the proxy {self.proxy!r} is disabled already")
        names = [toxic.name for toxic in self._toxics(world.owner, None)]
        taken = {toxic.name for toxic in state.toxics} & set(names)
        if taken:
            raise FaultRefused(f"the proxy carries {', '.join(taken)} already")
        return {"proxy": state.name, "listen": state.listen, "toxics": names}

    async def inject(self, world: World, memo: Memo) -> None:
        """Add the toxics, all at the same moment."""
        del memo
        toxics = list(self._toxics(world.owner, world.extra.get("ttl")))
        await _proxies(world).add_toxics(self.proxy, toxics)

    async def prove(self, world: World, memo: Memo) -> Any:
        """Return what the toxics have done, once they have met traffic.

        A server that counts nothing can only be asked whether they are in place.
        """
        while True:
            seen = [
                await _proxies(world).effects(self.proxy, name)
                for name in memo["toxics"]
            ]
            counted = [one for one in seen if one is not None]
            if not counted:
                return await self._configured(world, memo)
            if any(one.connections for one in counted):
                return {
                    "seen": "effect",
                    "connections": sum(one.connections for one in counted),
                    "bytes": sum(one.bytes for one in counted),
                    "dropped_bytes": sum(one.dropped_bytes for one in counted),
                    "delayed_seconds": round(
                        sum(one.delayed_seconds for one in counted), 6
                    ),
                    "closed": sum(one.closed for one in counted),
                }
            # The proxy tells nobody; it has to be asked.
            await anyio.sleep(LOOK)

    async def _configured(self, world: World, memo: Memo) -> Any:
        state = await _proxies(world).state(self.proxy)
        here = {toxic.name for toxic in state.toxics} if state else set()
        if here.issuperset(memo["toxics"]):
            return {"seen": "configured", "toxics": memo["toxics"]}
        raise PartMissing(f"the proxy {self.proxy!r} does not carry the toxics")

    async def undo(self, world: World, memo: Memo) -> None:
        """Remove our toxics; that they, or the proxy, are gone is all right."""
        for name in memo["toxics"]:
            await _proxies(world).remove_toxic(memo["proxy"], name)

    async def verify(self, world: World, memo: Memo) -> Any:
        """See none of them in the list of all proxies, and the listener accept."""
        states = {one.name: one for one in await _proxies(world).states()}
        state = states.get(memo["proxy"])
        if state is None:
            return {"proxy": "gone"}
        left = {toxic.name for toxic in state.toxics} & set(memo["toxics"])
        if left:
            raise UndoFailed(f"the proxy still carries {', '.join(sorted(left))}")
        if not state.enabled:
            raise UndoFailed(f"the proxy {state.name!r} is disabled")
        await _accepts(state.listen)
        return {"toxics": 0, "accepts": state.listen}

    def _toxics(self, owner: str, ttl: float | None) -> Iterator[Toxic]:
        for stream in self.streams():
            yield Toxic(
                name=f"{owner}-{stream}",
                type=self.toxic,
                stream=stream,
                attributes=self.attributes(),
                toxicity=self.toxicity,
                ttl=ttl,
                skips=self._skips(),
            )

    def _skips(self) -> Mapping[str, float]:
        """Return what is let through at first, in the units of the API."""
        given = {
            "skip_connections": self.skip_connections,
            "skip_bytes": self.skip_bytes,
            "skip_seconds": self.skip_for,
        }
        return {key: value for key, value in given.items() if value}


def _proxies(world: World) -> Proxies:
    if world.proxies is None:
        raise PartMissing(
            "there is no proxy server: declare `system: proxies:` in an experiment, "
            "or call `session.proxy(...)`"
        )
    return world.proxies


async def _accepts(listen: str) -> None:
    """See that somebody can connect; of datagrams nobody says that they are taken."""
    if listen.startswith("udp://"):
        return
    try:
        with anyio.fail_after(CONNECT):
            await (await _connected(listen)).aclose()
    except (OSError, TimeoutError) as error:
        raise UndoFailed(f"the proxy accepts nothing at {listen}") from error


async def _connected(listen: str) -> ByteStream:
    if listen.startswith("unix:"):
        return await anyio.connect_unix(listen.removeprefix("unix:"))
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    everywhere = host in ("", "::", "0.0.0.0")  # noqa: S104 - of somebody else
    return await anyio.connect_tcp("127.0.0.1" if everywhere else host, int(port))


def both(direction: Direction) -> tuple[Stream, ...]:
    """Return the streams of a direction."""
    return ("upstream", "downstream") if direction == "both" else (direction,)
