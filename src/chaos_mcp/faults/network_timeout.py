"""Stall a connection, then close it: a middlebox that forgets."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._toxic import Direction, Stream, ToxicFault, both


class NetworkTimeout(ToxicFault):
    """Swallow all data through a proxy, and close after a time of silence."""

    kind: ClassVar[str] = "network.timeout"
    toxic: ClassVar[str] = "timeout"
    example: ClassVar[str] = """\
fault: network.timeout
proxy: cache
after: 500ms
for: 10s
"""

    after: Duration = Field(
        ge=0.001, description="The silence after which a connection is closed."
    )
    direction: Direction = Field(default="downstream", description="Which way.")

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that stall."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, int]:
        """Return milliseconds."""
        return {"timeout": round(self.after * 1000)}
