"""A proxy server, and a run that slows down a proxy of it and is dead then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.embedded import attach
from chaos_mcp.adapters.world import World
from chaos_mcp.engine.injection import Injections
from chaos_mcp.engine.recover import Recovered, recover
from chaos_mcp.engine.undoing import Patience
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.faults.network_latency import NetworkLatency
from chaos_mcp.journal.log import Journal
from chaos_mcp.machine.identity import identity_of
from chaos_mcp.plan.model import Harm
from tests.safety.dead import killed

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.adapters.world import Proxies
    from tests.proxy.running import Server

RUN = "run"
QUICK = Patience(step=2.0, attempts=2, pause=0.0)
OURS = {f"chaos-{RUN}-1-upstream", f"chaos-{RUN}-1-downstream"}
"""What our fault adds to a proxy."""


def slow(proxy: str = "cache", number: int = 1) -> Harm:
    """Return the perturbation that slows a proxy down both ways: two toxics."""

    def make(_: Scope) -> NetworkLatency:
        call = {"proxy": proxy, "latency": "10ms", "direction": "both"}
        return NetworkLatency.model_validate(call)

    return Harm(
        id=f"{number}-network.latency",
        name=f"slow {proxy} down",
        kind="network.latency",
        make=make,
        undo_in_words="",
        targets=(f"proxy:{proxy}",),
    )


def injections_of(folder: Path, proxies: Proxies, run: str = RUN) -> Injections:
    """Return what a run injects with, its journal being in the folder."""
    made = Injections(Journal(folder, run), World(proxies=proxies), Scope())
    made.patience = QUICK
    return made


@dataclass(slots=True)
class Site:
    """A proxy server with an upstream, as somebody sees it who is not a run."""

    server: Server
    upstream: str

    def make(self, proxy: str = "cache", listen: str = "127.0.0.1:0") -> None:
        """Make a proxy."""
        body = {"name": proxy, "upstream": self.upstream, "listen": listen}
        self.call("POST", "/proxies", body)

    def add(self, toxic: str, proxy: str = "cache") -> None:
        """Add a toxic of somebody else's."""
        body = {"name": toxic, "type": "latency", "attributes": {"latency": 1}}
        self.call("POST", f"/proxies/{proxy}/toxics", body)

    def carries(self, proxy: str = "cache") -> set[str]:
        """Return the toxics that a proxy carries."""
        found = self.call("GET", f"/proxies/{proxy}/toxics")
        return {one["name"] for one in found}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API; return what it answers."""
        answer = self.server.call(method, path, body)
        assert answer.status < 300, answer
        return answer.json if answer.body else None

    async def slowed(self, folder: Path, *, known: bool = True) -> None:
        """Let a run slow `cache` down, and die.

        `known` says whether it has written down which process the server is.
        """
        identity = identity_of(self.server.process.pid) if known else None
        async with attach(self.server.url, identity) as proxies:
            injections = injections_of(folder, proxies)
            assert await injections.inflict(slow())
            killed(injections.journal)
        assert self.carries() >= OURS


async def recovered(folder: Path) -> Recovered:
    """Do what `chaos recover` does."""
    return await recover(folder, "recover", "asked", QUICK)
