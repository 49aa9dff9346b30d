"""Slice data into small pieces: readers that take one read for one message."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator

from chaos_mcp.experiment.units import Duration, Size
from chaos_mcp.faults._toxic import Direction, Stream, ToxicFault, both


class NetworkSlicer(ToxicFault):
    """Send data through a proxy in small pieces, with pauses between them."""

    kind: ClassVar[str] = "network.slicer"
    toxic: ClassVar[str] = "slicer"
    example: ClassVar[str] = """\
fault: network.slicer
proxy: cache
average-size: 16 B
size-variation: 8 B
delay: 1ms
for: 10s
"""

    average_size: Size = Field(ge=1, description="Bytes of a piece.")
    size_variation: Size = Field(default=0, description="How many more or less.")
    delay: Duration = Field(default=0.0, description="The pause between two pieces.")
    direction: Direction = Field(default="downstream", description="Which way.")

    @model_validator(mode="after")
    def _varies_less_than_it_is(self) -> Self:
        if self.size_variation >= self.average_size:
            msg = "size-variation must be less than average-size"
            raise ValueError(msg)
        return self

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that are sliced."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, int]:
        """Return bytes and microseconds."""
        return {
            "average_size": self.average_size,
            "size_variation": self.size_variation,
            "delay": round(self.delay * 1_000_000),
        }
