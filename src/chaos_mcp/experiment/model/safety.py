"""What keeps a run within bounds: safeguards and the blast radius."""

from typing import Any, Literal

from chaos_mcp.experiment.model.calls import Call
from chaos_mcp.experiment.model.part import Part, Positive
from chaos_mcp.experiment.model.toolkit import Provider
from chaos_mcp.experiment.units import Duration, Share


class Limits(Call):
    """A safeguard: what must stay true, or the run stops and undoes everything."""

    probe: str | None = None
    expect: Any = None
    every: Duration = 1.0
    workload: str | None = None
    max_failure_rate: Share | None = None
    confidence: Share = 0.99
    """The chance, at least, that a run at the very limit is not stopped for it."""
    in_a_row: Positive | None = None
    """So many failures one after another stop the run, whatever the rate."""
    type: Literal["probe"] | None = None
    provider: Provider | None = None
    tolerance: Any = None

    def checked(self) -> None:
        """Refuse what watches nothing, or two things at once."""
        kinds = [k for k in ("probe", "workload", "provider") if getattr(self, k)]
        if len(kinds) != 1:
            msg = "a safeguard watches either a `probe` or a `workload`"
            raise ValueError(msg)
        if self.workload and self.max_failure_rate is None and self.in_a_row is None:
            msg = "say `max-failure-rate` or `in-a-row`"
            raise ValueError(msg)


class BlastRadius(Part):
    """How much may be touched, and for how long."""

    max_targets: Positive | None = None
    max_duration: Duration | None = None
    targets: tuple[str, ...] = ()
    """Names of what may be touched; anything if empty."""
    protect: tuple[str, ...] = ()
    """Names, or patterns such as `db-*`, of what is never chosen as a target."""
