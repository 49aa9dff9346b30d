"""Narrow a connection: so many bytes a second, and no more."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from chaos_mcp.experiment.units import parse_size
from chaos_mcp.faults._toxic import Direction, Stream, ToxicFault, both

KILOBYTE = 1000


def parse_bandwidth(value: Any) -> int:
    """Return bytes a second for `100 KB/s`; raise ValueError otherwise."""
    if not isinstance(value, str) or not value.rstrip().endswith("/s"):
        msg = f"{value!r} is not a bandwidth; write it with its unit, such as 100 KB/s"
        raise ValueError(msg)
    return round(parse_size(value.rstrip().removesuffix("/s")))


Bandwidth = Annotated[
    int,
    BeforeValidator(parse_bandwidth),
    Field(ge=KILOBYTE),
    PlainSerializer(lambda rate: f"{rate} B/s", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"B/s$", "examples": ["100 KB/s"]}),
]
"""Bytes a second, a thousand or more, written with a unit."""


class NetworkBandwidth(ToxicFault):
    """Let only so many bytes a second through a proxy, on each connection or in all."""

    kind: ClassVar[str] = "network.bandwidth"
    toxic: ClassVar[str] = "bandwidth"
    example: ClassVar[str] = """\
fault: network.bandwidth
proxy: cache
rate: 100 KB/s
for: 10s
"""

    rate: Bandwidth = Field(description="Bytes a second, for each connection.")
    shared: bool = Field(
        default=False, description="Whether all connections have the rate together."
    )
    direction: Direction = Field(
        default="downstream", description="Which way is narrow."
    )

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that are narrow."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, Any]:
        """Return kilobytes (of 1,000 bytes) a second."""
        rate = {"rate": max(1, round(self.rate / KILOBYTE))}
        return {**rate, "shared": True} if self.shared else rate
