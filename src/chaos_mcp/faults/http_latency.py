"""Delay requests or answers: one endpoint that is slow, and not all of a service."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._http import HttpFault, When
from chaos_mcp.faults._toxic import Distribution


class HttpLatency(HttpFault):
    """Have requests through a proxy wait, or the answers to them.

    `before`, the upstream gets them late. `after`, it is as quick as ever, and its
    answers come late.
    """

    kind: ClassVar[str] = "http.latency"
    example: ClassVar[str] = """\
fault: http.latency
proxy: front
path: /price/*
latency: 200ms
jitter: 50ms
for: 10s
"""

    latency: Duration = Field(ge=0.001, description="How long each one waits.")
    jitter: Duration = Field(default=0.0, description="How much more or less.")
    distribution: Distribution = Field(
        default="uniform",
        description="The law of the delays; but for `uniform`, `jitter` is their "
        "standard deviation.",
    )
    when: When = Field(
        default="before", description="Whether the request waits, or its answer."
    )

    def harm(self) -> Mapping[str, Any]:
        """Return milliseconds, and their law."""
        return {
            "delay": round(self.latency * 1000),
            "jitter": round(self.jitter * 1000),
            "distribution": self.distribution,
            "when": self.when,
        }
