"""Reset connections: a peer that crashed, seen as `connection reset by peer`."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._toxic import Direction, Stream, ToxicFault, both


class NetworkReset(ToxicFault):
    """Answer data through a proxy with a TCP RST, at once or after a time."""

    kind: ClassVar[str] = "network.reset"
    toxic: ClassVar[str] = "reset_peer"
    example: ClassVar[str] = """\
fault: network.reset
proxy: cache
after: 0
for: 10s
"""

    after: Duration = Field(
        default=0.0, description="How long after the first data the reset comes."
    )
    direction: Direction = Field(default="downstream", description="Which way.")

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions whose data brings the reset."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, int]:
        """Return milliseconds."""
        return {"timeout": round(self.after * 1000)}
