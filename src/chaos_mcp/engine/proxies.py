"""The proxies of a run: on the embedded server, or on the Toxiproxy that was named."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.errors import ChaosError, JournalFailed
from chaos_mcp.events import PartStarted, PartStopped
from chaos_mcp.machine.tagged import TAG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chaos_mcp.adapters.world import Proxies
    from chaos_mcp.experiment.model import Proxy
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.plan.model import Plan


@asynccontextmanager
async def server(plan: Plan, journal: Journal, lifeline: int) -> AsyncIterator[Proxies]:
    """Yield the embedded proxy server, or the Toxiproxy that was named."""
    if plan.toxiproxy:
        from chaos_mcp.adapters.toxiproxy import (  # noqa: PLC0415 - a heavy SDK
            ForeignToxiproxy,
        )

        yield ForeignToxiproxy(plan.toxiproxy)
        return
    from chaos_mcp.adapters.embedded import (  # noqa: PLC0415 - only where needed
        start_embedded,
    )

    tagged = {**os.environ, TAG: journal.run}
    started = None
    try:
        async with start_embedded(plan.seed, lifeline, tagged) as proxies:
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
            state = await proxies.create(spec.name, upstream, spec.listen)
            made.append(spec.name)
            names |= addresses(f"proxy.{spec.name}", state.listen, "listen")
            journal.record(
                PartStarted(
                    part="proxy",
                    name=spec.name,
                    address=state.listen,
                    detail={"proxies": dict(proxies.place())},
                )
            )
        yield names
    finally:
        with anyio.CancelScope(shield=True):
            for name in reversed(made):
                await _remove(proxies, name, journal)


async def _remove(proxies: Proxies, name: str, journal: Journal) -> None:
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
