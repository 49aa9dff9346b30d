"""Networks of a Docker Engine's containers, and the packets in them."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from chaos_mcp.adapters.docker import kernel, packets
from chaos_mcp.adapters.docker.calls import aside, unless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docker import APIClient

    from chaos_mcp.adapters.containers import ContainerSeen, Endpoint, PacketRule
    from chaos_mcp.adapters.docker.calls import Calls

APART = r"is not connected to|No such (container|network)|network \S+ not found"
TOGETHER = r"already exists in network|No such container"
NO_CHOICE = r"user (specified|configured)"
"""Where the engine chose the addresses of a network, it lets nobody ask for one."""


class Networks:
    """Who is on which network, and what gets through."""

    calls: Calls

    async def disconnect(self, container: str, endpoint: Endpoint) -> None:
        """Take it off a network, be it on the way there."""
        await self.calls.change(
            lambda client: unless(
                APART,
                lambda: client.disconnect_container_from_network(
                    container, endpoint.network, force=True
                ),
            )
        )

    async def connect(self, container: str, endpoint: Endpoint) -> None:
        """Put it on a network: with the address it had, or with one that is left."""

        def connect(client: APIClient) -> None:
            wanted = _again(endpoint, endpoint.address, endpoint.address6)
            try:
                client.connect_container_to_network(
                    container, endpoint.network, **wanted
                )
            except APIError as error:
                if not re.search(NO_CHOICE, error.explanation or ""):
                    raise
                wanted = _again(endpoint, endpoint.fixed, endpoint.fixed6)
                client.connect_container_to_network(
                    container, endpoint.network, **wanted
                )

        from docker.errors import APIError  # noqa: PLC0415 - 200 ms

        await self.calls.change(
            lambda client: unless(TOGETHER, lambda: connect(client))
        )

    async def routes(self, seen: ContainerSeen) -> int | None:
        """Ask the kernel."""
        return await aside(partial(kernel.routes, seen.pid, seen.id))

    def cannot_drop(self) -> str:
        """Say what is missing."""
        if not self.calls.url.startswith("unix://"):
            return "the engine is not on this machine"
        return packets.missing()

    async def rules(self, seen: ContainerSeen, tag: str) -> Sequence[PacketRule]:
        """Return the rules with this tag in its network."""
        if not seen.pid:
            return []
        with suppress(FileNotFoundError):
            found = await aside(partial(packets.rules, seen.pid, seen.id, tag))
            return list(found)
        return []

    async def drop(self, seen: ContainerSeen, rules: Sequence[PacketRule]) -> None:
        """Drop packets: to the end even if cancelled, or it may come after its undo."""
        with anyio.CancelScope(shield=True):
            call = partial(packets.add, seen.pid, seen.id, rules)
            await anyio.to_thread.run_sync(call)

    async def let_pass(self, seen: ContainerSeen, tag: str) -> None:
        """Remove rules; with the process they are gone, too."""
        if not seen.pid:
            return
        with suppress(FileNotFoundError), anyio.CancelScope(shield=True):
            call = partial(packets.remove, seen.pid, seen.id, tag)
            await anyio.to_thread.run_sync(call)


def _again(endpoint: Endpoint, address: str, address6: str) -> dict[str, Any]:
    links = [tuple(link.split(":", 1)) for link in endpoint.links if ":" in link]
    return {
        "aliases": list(endpoint.aliases) or None,
        "links": links or None,
        "ipv4_address": address or None,
        "ipv6_address": address6 or None,
    }
