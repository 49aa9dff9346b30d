"""Cut a connection: nothing arrives any more, in one direction or in both."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from chaos_mcp.faults._toxic import Direction, Stream, ToxicFault, both


class NetworkPartition(ToxicFault):
    """Swallow all traffic through a proxy, on open and on new connections.

    A peer sees silence, as behind a network that is cut, and not a refusal. After the
    undo the connections that lost data are closed.
    """

    kind: ClassVar[str] = "network.partition"
    toxic: ClassVar[str] = "timeout"
    example: ClassVar[str] = """\
fault: network.partition
name: cut the cache off
proxy: cache
for: 10s
"""

    direction: Direction = Field(
        default="both",
        description="What is cut: `upstream` (requests), `downstream` (answers).",
    )

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that are cut."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, int]:
        """Return a timeout of 0: the connection is never closed, only silent."""
        return {"timeout": 0}
