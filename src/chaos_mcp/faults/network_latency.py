"""Delay a connection: a peer that is far away, or a network that is loaded."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Duration, Share
from chaos_mcp.faults._toxic import Direction, Distribution, Stream, ToxicFault, both


class NetworkLatency(ToxicFault):
    """Delay all data through a proxy by a time, give or take some jitter."""

    kind: ClassVar[str] = "network.latency"
    toxic: ClassVar[str] = "latency"
    example: ClassVar[str] = """\
fault: network.latency
proxy: cache
latency: 200ms
jitter: 50ms
for: 10s
"""

    latency: Duration = Field(description="How long each chunk is held back.")
    jitter: Duration = Field(default=0.0, description="How much more or less.")
    distribution: Distribution = Field(
        default="uniform",
        description="The law of the delays; but for `uniform`, `jitter` is their "
        "standard deviation.",
    )
    correlation: Share = Field(
        default=0.0, lt=1, description="How alike two delays in a row are."
    )
    direction: Direction = Field(default="downstream", description="Which way is slow.")

    def streams(self) -> tuple[Stream, ...]:
        """Return the directions that are slow."""
        return both(self.direction)

    def attributes(self) -> Mapping[str, Any]:
        """Return milliseconds, and what is not as Toxiproxy has it."""
        milliseconds = {"latency": self.latency, "jitter": self.jitter}
        given = {key: round(value * 1000) for key, value in milliseconds.items()}
        law = {"distribution": self.distribution, "correlation": self.correlation}
        usual = {"distribution": "uniform", "correlation": 0.0}
        return {**given, **{key: law[key] for key in law if law[key] != usual[key]}}
