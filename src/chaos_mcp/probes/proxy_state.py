"""Ask a proxy how it is: enabled, where it listens, which toxics it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World


class ProxyStateProbe(Probe):
    """A proxy's `enabled`, `listen`, `upstream` and the names of its `toxics`."""

    kind: ClassVar[str] = "proxy.state"
    example: ClassVar[str] = """\
probe: proxy.state
proxy: cache
expect: {enabled: true, toxics: []}
"""

    proxy: str = Field(description="The proxy's name.")

    async def ask(self, world: World) -> Any:
        """Return the state as the proxy server reports it."""
        if world.proxies is None:
            raise ActivityFailed("there is no proxy server")
        state = await world.proxies.state(self.proxy)
        if state is None:
            raise ActivityFailed(f"there is no proxy {self.proxy!r}")
        return {
            "enabled": state.enabled,
            "listen": state.listen,
            "upstream": state.upstream,
            "toxics": [toxic.name for toxic in state.toxics],
        }
