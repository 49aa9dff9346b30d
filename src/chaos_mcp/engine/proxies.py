"""The proxies of a run: on the embedded server, or on the Toxiproxy that was named."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.errors import ChaosError, JournalFailed
from chaos_mcp.events import PartStarted, PartStopped
from chaos_mcp.machine.inherited import inherited
from chaos_mcp.machine.maker import MAKER, mark
from chaos_mcp.machine.tagged import TAG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chaos_mcp.adapters.world import Proxies
    from chaos_mcp.experiment.model import Proxy
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.journal.log import Journal


@asynccontextmanager
async def server(
    toxiproxy: str, seed: int, journal: Journal, lifeline: int
) -> AsyncIterator[Proxies]:
    """Yield the Toxiproxy that was named, or the embedded proxy server."""
    if toxiproxy:
        from chaos_mcp.adapters.toxiproxy import (  # noqa: PLC0415 - a heavy SDK
            ForeignToxiproxy,
        )

        yield ForeignToxiproxy(toxiproxy)
        return
    async with _embedded(seed, journal, lifeline) as proxies:
        yield proxies


@asynccontextmanager
async def _embedded(
    seed: int, journal: Journal, lifeline: int
) -> AsyncIterator[Proxies]:
    """Yield the server of our own, and write down that it is there, and no more."""
    from chaos_mcp.adapters.embedded import (  # noqa: PLC0415 - only where needed
        start_embedded,
    )

    tagged = {**inherited(), TAG: journal.run, MAKER: mark()}
    started = None
    try:
        async with start_embedded(seed, lifeline, tagged) as proxies:
            started = journal.record(
                PartStarted(
                    part="proxy-server",
                    name="embedded",
                    address=proxies.url,
                    detail=dict(proxies.place()),
                )
            )
            yield proxies
    finally:
        if started:
            with suppress(JournalFailed):
                journal.record(PartStopped(part="proxy-server", name="embedded"))


@asynccontextmanager
async def proxied(
    proxies: Proxies, specs: tuple[Proxy, ...], scope: Scope, journal: Journal
) -> AsyncIterator[dict[str, Any]]:
    """Make the proxies, yield their addresses as names, and remove them again."""
    names: dict[str, Any] = {}
    made: list[str] = []
    try:
        for spec in specs:
            upstream = str(scope.resolve(spec.upstream))
            listen = await make(proxies, spec.name, upstream, spec.listen, journal)
            made.append(spec.name)
            names |= addresses(f"proxy.{spec.name}", listen, "listen")
        yield names
    finally:
        with anyio.CancelScope(shield=True):
            for name in reversed(made):
                await remove(proxies, name, journal)


async def make(
    proxies: Proxies, name: str, upstream: str, listen: str, journal: Journal
) -> str:
    """Make a proxy, write it down, and return the address that it really has."""
    state = await proxies.create(name, upstream, listen)
    try:
        journal.record(
            PartStarted(
                part="proxy",
                name=name,
                address=state.listen,
                detail={"proxies": dict(proxies.place())},
            )
        )
    except JournalFailed:
        await proxies.delete(name)
        raise
    return state.listen


async def remove(proxies: Proxies, name: str, journal: Journal) -> None:
    """Remove a proxy, and write down what came of that."""
    detail = ""
    try:
        await proxies.delete(name)
    except ChaosError as error:
        detail = str(error)
    with suppress(JournalFailed):
        journal.record(
            PartStopped(part="proxy", name=name, detail=detail, clean=not detail)
        )


def addresses(prefix: str, address: str, whole: str) -> dict[str, Any]:
    """Return the names under which an address is known in experiments."""
    if address.startswith("unix:"):
        path = address.removeprefix("unix:")
        return {f"{prefix}.{whole}": address, f"{prefix}.path": path}
    host, _, port = address.removeprefix("udp://").rpartition(":")
    return {
        f"{prefix}.{whole}": address,
        f"{prefix}.host": host.strip("[]"),
        f"{prefix}.port": int(port),
    }
