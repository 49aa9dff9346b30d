"""Lose packets: connections that stall until the sender tries again."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Duration, Share
from chaos_mcp.faults._toxic import Direction, Stream, ToxicFault, both


class NetworkLoss(ToxicFault):
    """Stall data through a proxy as TCP does where packets are lost (RFC 6298).

    Each packet is lost with the chance that is given; what comes after it waits until
    it was sent again, which takes `rto`, twice that if it is lost again, and so on.
    """

    kind: ClassVar[str] = "network.loss"
    toxic: ClassVar[str] = "loss"
    example: ClassVar[str] = """\
fault: network.loss
proxy: cache
loss: 10%
for: 10s
"""

    loss: Share = Field(gt=0, lt=1, description="The share of packets that are lost.")
    rto: Duration = Field(
        default=0.2, ge=0.001, description="How long the first retransmission takes."
    )
    direction: Direction = Field(default="both", description="Which way is lossy.")

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that are lossy."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, Any]:
        """Return the share, and milliseconds."""
        return {"loss": self.loss, "rto": round(self.rto * 1000)}
