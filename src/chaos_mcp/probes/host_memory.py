"""Ask how much memory this machine has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World


class HostMemory(Probe):
    """Bytes `available` without swapping, `total`, and the share `used` (0 to 1)."""

    kind: ClassVar[str] = "host.memory"
    example: ClassVar[str] = """\
probe: host.memory
expect: {available: "> 512 MiB", used: "< 95%"}
"""

    async def ask(self, world: World) -> Any:
        """Return what the kernel says."""
        import psutil  # noqa: PLC0415 - only where the host is asked about

        del world
        found = psutil.virtual_memory()
        used = round(1 - found.available / found.total, 4)
        return {"available": found.available, "total": found.total, "used": used}
