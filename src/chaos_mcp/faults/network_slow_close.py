"""Close slowly: connections that linger after both sides are done."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._toxic import Direction, Stream, ToxicFault, both


class NetworkSlowClose(ToxicFault):
    """Hold back the end of each connection through a proxy."""

    kind: ClassVar[str] = "network.slow-close"
    toxic: ClassVar[str] = "slow_close"
    example: ClassVar[str] = """\
fault: network.slow-close
proxy: cache
delay: 2s
for: 10s
"""

    delay: Duration = Field(description="How long the close is held back.")
    direction: Direction = Field(default="downstream", description="Which way.")

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that close slowly."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, int]:
        """Return milliseconds."""
        return {"delay": round(self.delay * 1000)}
