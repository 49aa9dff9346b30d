"""Drop packets of a container: to or from it, of all or of some, all or a share."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import anyio
from pydantic import Field

from chaos_mcp.adapters.containers import PacketRule
from chaos_mcp.errors import FaultRefused, FaultUnproven, UndoFailed
from chaos_mcp.experiment.units import Share
from chaos_mcp.faults._containers import LOOK, ContainerFault, called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.adapters.containers import Containers, ContainerSeen
    from chaos_mcp.adapters.world import World
    from chaos_mcp.faults.base import Memo

CHAINS = {"in": ("INPUT",), "out": ("OUTPUT",), "both": ("INPUT", "OUTPUT")}


class ContainerPartition(ContainerFault):
    """Drop packets inside a container's own network, where nothing else is touched.

    One way or both, for everybody or for chosen peers, all packets or a share of them,
    which is loss. What it says to itself is left alone. It needs root on the engine's
    machine, and iptables there; not in the container.
    """

    kind: ClassVar[str] = "container.partition"
    example: ClassVar[str] = """\
fault: container.partition
name: the shop does not hear the store
container: shop
direction: in
peers: [store]
for: 10s
"""
    undo_in_words: ClassVar[str] = (
        "remove the rules with our tag from the containers' networks (iptables -D)"
    )

    direction: Literal["in", "out", "both"] = Field(
        default="both",
        description="What is dropped: what comes `in`, what goes `out`, or both.",
    )
    peers: tuple[str, ...] = Field(
        default=(),
        description="Whose packets: names of containers, addresses, ranges of them; "
        "everybody's if not said.",
    )
    loss: Share = Field(default=1.0, gt=0, description="The share that is dropped.")

    async def remember(self, world: World, seen: ContainerSeen) -> dict[str, Any]:
        """See that it has a network of its own, and no rules of ours."""
        if why := world.containers.cannot_drop():
            raise FaultRefused(f"no packets can be dropped in containers: {why}")
        if not seen.runs:
            raise FaultRefused(f"the container {seen.name} does not run")
        if seen.network_mode == "host" or seen.network_mode.startswith("container:"):
            raise FaultRefused(f"{seen.name} has no network of its own")
        peers = [address async for address in self._addresses(world, seen)]
        if await world.containers.rules(seen, world.owner):
            raise FaultRefused(
                f"{seen.name} has rules with the tag {world.owner} already"
            )
        six = any(endpoint.address6 for endpoint in seen.endpoints)
        return {"peers": peers, "six": six, "pid": seen.pid}

    async def _addresses(self, world: World, seen: ContainerSeen) -> Any:
        for peer in self.peers:
            try:
                yield str(ip_network(peer, strict=False))
            except ValueError:
                for address in await _of_container(world, seen, peer):
                    yield address

    def _rules(self, one: dict[str, Any], tag: str) -> Iterator[PacketRule]:
        for chain in CHAINS[self.direction]:
            for peer in one["peers"]:
                family = ip_network(peer).version
                yield PacketRule(chain, tag, peer, self.loss, family)
            if not self.peers:
                yield PacketRule(chain, tag, loss=self.loss)
                if one["six"]:
                    yield PacketRule(chain, tag, loss=self.loss, family=6)

    async def harm(self, engine: Containers, world: World, one: dict[str, Any]) -> None:
        """Add the rules to the network that we have looked at."""
        seen = await engine.look(one["id"])
        if seen is None or seen.pid != one["pid"]:
            raise FaultRefused(f"the container {one['name']} was restarted just now")
        await engine.drop(seen, [*self._rules(one, world.owner)])

    async def shown(self, engine: Containers, one: dict[str, Any]) -> Any:
        """See that packets were dropped, by the counters of the rules."""
        while True:
            seen = await engine.look(one["id"])
            if seen is None:
                raise FaultUnproven(f"the container {one['name']} is gone")
            rules = await engine.rules(seen, one["tag"])
            dropped = {"INPUT": 0, "OUTPUT": 0}
            for rule in rules:
                dropped[rule.chain] += rule.packets
            if any(dropped.values()):
                return {"in": dropped["INPUT"], "out": dropped["OUTPUT"]}
            await anyio.sleep(LOOK)

    async def restore(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> None:
        """Remove our rules from the network that it has now."""
        if seen := await engine.look(one["id"]):
            await engine.let_pass(seen, memo["owner"])

    async def restored(
        self, engine: Containers, memo: Memo, one: dict[str, Any]
    ) -> Any:
        """See none of them among the rules."""
        seen = await engine.look(one["id"])
        if seen is None:
            return "gone"
        left = await engine.rules(seen, memo["owner"])
        if left:
            raise UndoFailed(f"{len(left)} rules still drop packets of {one['name']}")
        return {"rules": 0}


async def _of_container(world: World, seen: ContainerSeen, name: str) -> list[str]:
    """Return the addresses of a container on the networks that both are on."""
    everyone = await world.containers.listed()
    found = [one for one in everyone if called(one, name, world.bounds)]
    if not found:
        raise FaultRefused(f"there is no container {name}, and it is no address")
    ours = {endpoint.network for endpoint in seen.endpoints}
    addresses = []
    for one in found:
        peer = await world.containers.look(one.id)
        for endpoint in peer.endpoints if peer else ():
            if endpoint.network in ours:
                addresses += [endpoint.address, endpoint.address6]
    if not any(addresses):
        raise FaultRefused(f"{seen.name} and {name} have no network in common")
    return [str(ip_network(address)) for address in addresses if address]
