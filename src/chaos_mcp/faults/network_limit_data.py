"""Close after so many bytes: a transfer that breaks in the middle."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Size
from chaos_mcp.faults._toxic import Direction, Stream, ToxicFault, both


class NetworkLimitData(ToxicFault):
    """Close each connection through a proxy once so many bytes went through."""

    kind: ClassVar[str] = "network.limit-data"
    toxic: ClassVar[str] = "limit_data"
    example: ClassVar[str] = """\
fault: network.limit-data
proxy: cache
bytes: 1 KiB
for: 10s
"""

    bytes: Size = Field(description="How many bytes each connection may carry.")
    direction: Direction = Field(default="downstream", description="Which way.")

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that are counted."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, int]:
        """Return bytes."""
        return {"bytes": self.bytes}
