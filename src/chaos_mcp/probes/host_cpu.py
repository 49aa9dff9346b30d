"""Ask how busy this machine's processors are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.experiment.units import Duration
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World


class HostCpu(Probe):
    """The share of all processors that is in use, from 0 to 1, over an interval."""

    kind: ClassVar[str] = "host.cpu"
    example: ClassVar[str] = """\
probe: host.cpu
over: 500ms
expect: "< 90%"
"""

    over: Duration = Field(default=0.5, description="How long to look.")

    async def ask(self, world: World) -> Any:
        """Return the busy share between two looks."""
        import psutil  # noqa: PLC0415 - only where the host is asked about

        del world
        before = psutil.cpu_times()
        await anyio.sleep(self.over)
        after = psutil.cpu_times()
        total = sum(after) - sum(before)
        idle = (after.idle - before.idle) + (
            getattr(after, "iowait", 0.0) - getattr(before, "iowait", 0.0)
        )
        return round(min(1.0, max(0.0, 1 - idle / total)), 4) if total > 0 else 0.0
