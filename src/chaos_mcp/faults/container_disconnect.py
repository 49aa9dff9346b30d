"""Take a container off its networks: it runs on, and nobody reaches it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.adapters.containers import Endpoint
from chaos_mcp.errors import FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.faults._containers import LOOK, ContainerFault

if TYPE_CHECKING:
    from chaos_mcp.adapters.containers import Containers, ContainerSeen
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo


class ContainerDisconnect(ContainerFault):
    """Disconnect a container from a network, or from all, as if the cable were cut.

    Its interface goes, open connections hang, and its name is not found any more. It
    comes back under the same names, and at the same address where somebody has chosen
    that; otherwise the engine may give it another.
    """

    kind: ClassVar[str] = "container.disconnect"
    example: ClassVar[str] = """\
fault: container.disconnect
name: pull the store's cable
container: store
for: 10s
"""
    undo_in_words: ClassVar[str] = (
        "connect the containers to their networks again (docker network connect)"
    )

    network: str | None = Field(
        default=None, description="From which network, by name; from all if not said."
    )

    async def remember(self, world: World, seen: ContainerSeen) -> dict[str, Any]:
        """See which networks it is on."""
        del world
        if not seen.runs:
            raise FaultRefused(f"the container {seen.name} does not run")
        on = [one for one in seen.endpoints if one.network and one.name != "host"]
        meant = [one for one in on if self.network in (None, one.name)]
        if not meant or meant == [one for one in meant if one.name == "none"]:
            where = self.network or "any network"
            raise FaultRefused(f"{seen.name} is not on {where} already")
        return {"endpoints": [_written(one) for one in meant]}

    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """Disconnect it from each."""
        del world
        for endpoint in endpoints(one):
            await engine.disconnect(one["id"], endpoint)

    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """See it on none of them; and if it was on no other, without any route."""
        while True:
            seen = await engine.look(one["id"])
            if seen is None:
                raise FaultUnproven(f"the container {one['name']} is gone")
            left = {endpoint.network for endpoint in seen.endpoints}
            cut = {endpoint.network for endpoint in endpoints(one)}
            routes = await engine.routes(seen)
            if not left & cut and (left or not routes):
                return {"networks": len(left), "routes": routes}
            await anyio.sleep(LOOK)

    async def restore(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> None:
        """Connect it to those that it is not on."""
        del memo
        seen = await engine.look(one["id"])
        if seen is None or seen.status in ("removing", "dead"):
            return
        on = {endpoint.network for endpoint in seen.endpoints}
        for endpoint in endpoints(one):
            if endpoint.network not in on:
                await engine.connect(one["id"], endpoint)

    async def restored(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> Any:
        """See it on each, under its names, and where somebody had put it."""
        del memo
        seen = await engine.look(one["id"])
        if seen is None or seen.status in ("removing", "dead"):
            return "gone"
        on = {endpoint.network: endpoint for endpoint in seen.endpoints}
        found = {}
        for before in endpoints(one):
            now = on.get(before.network)
            if now is None:
                raise UndoFailed(f"{one['name']} is still not on {before.name}")
            _check(before, now, one["name"], runs=seen.runs)
            found[before.name] = now.address
        return found


def _check(before: Endpoint, now: Endpoint, name: str, *, runs: bool) -> None:
    lost = sorted({*before.aliases} - {*now.aliases})
    if lost:
        raise UndoFailed(f"{name} is not called {', '.join(lost)} on {before.name}")
    if runs and before.fixed and now.address != before.fixed:
        raise UndoFailed(
            f"{name} has {now.address} on {before.name}, and not {before.fixed}"
        )
    if runs and not now.address and before.address:
        raise UndoFailed(f"{name} has no address on {before.name}")


def endpoints(one: dict[str, Any]) -> list[Endpoint]:
    """Return the networks that a container was on."""
    return [_endpoint(dict(each)) for each in one["endpoints"]]


def _written(endpoint: Endpoint) -> dict[str, Any]:
    lists = {"aliases": list(endpoint.aliases), "links": list(endpoint.links)}
    return {**asdict(endpoint), **lists}


def _endpoint(each: dict[str, Any]) -> Endpoint:
    lists = {key: tuple(each[key]) for key in ("aliases", "links")}
    return Endpoint(**{**each, **lists})
