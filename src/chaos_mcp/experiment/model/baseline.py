"""How normal is measured, and what is not yet a regression against an earlier run."""

from typing import Annotated

from chaos_mcp.checked.fields import field
from chaos_mcp.checked.marks import Within
from chaos_mcp.experiment.model.part import Part
from chaos_mcp.experiment.units import Duration, Percent


class Tolerances(Part):
    """How much worse than an earlier run each metric may be (`chaos run --baseline`).

    With `@fault` they are measured while faults stood, and judge only where written.
    """

    score: Annotated[float, Within(ge=0, le=100)] | None = None
    """Points less; 5 where nothing is written."""
    recovery_time: Duration | None = None
    """Longer; 5 s."""
    response_time: Percent | None = None
    """More, of the p95; 10 %."""
    throughput: Percent | None = None
    """Less; 5 %."""
    error_rate: Percent | None = None
    """More, in points of a percentage; 1 %."""
    response_time_under_harm: Percent | None = field(
        default=None, alias="response-time@fault"
    )
    throughput_under_harm: Percent | None = field(
        default=None, alias="throughput@fault"
    )
    error_rate_under_harm: Percent | None = field(
        default=None, alias="error-rate@fault"
    )

    @property
    def amounts(self) -> dict[str, float]:
        """Return what was written, by the metric's name."""
        found = {
            one.alias or name: getattr(self, name)
            for name, one in self.model_fields.items()
        }
        return {name: amount for name, amount in found.items() if amount is not None}


class Baseline(Part):
    """The time before the first fault, in which normal is measured."""

    for_: Duration | None = None
    """Five seconds where there is a workload, nothing where there is none."""
    warm_up: Duration = 1.0
    """How much of its beginning is not counted."""
    tolerances: Tolerances = field(default_factory=Tolerances)
    """What is not yet a regression, where the run is held against an earlier one."""
