"""Entries in the short form: what is called, and its arguments beside it."""

from typing import Any

from chaos_mcp.experiment.model.part import Name, Part
from chaos_mcp.experiment.units import Duration, Share
from chaos_mcp.terms import When


class Call(Part, extra="allow"):
    """An entry in the short form: what is not a key of ours is an argument."""

    name: Name = ""
    """What the report calls it; by default, what is called."""
    timeout: Duration | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """Return the keys that belong to what is called."""
        return dict(self.model_extra or {})


class ProbeCall(Call):
    """A question to the system: `probe: http`, its arguments, what to expect."""

    probe: str
    expect: Any = None
    every: Duration | None = None
    """How often it is asked where it is asked again and again."""
    when: tuple[When, ...] | None = None
    background: bool = False

    @property
    def judged(self) -> bool:
        """Tell whether an expectation was written, be it `null`."""
        return "expect" in self.model_fields_set


class ActionCall(Call):
    """Something done to the system: `action: shop.reset` and its arguments."""

    action: str
    background: bool = False


class FaultCall(Call):
    """A harm that is taken back: `fault: network.partition` and its arguments."""

    fault: str
    at: Duration | None = None
    """When it begins, counted from the beginning of the inject phase."""
    for_: Duration | None = None
    """How long it stands; to the end of the inject phase if not said."""
    probability: Share = 1.0
    """The chance that it is injected at all, drawn from the run's seed."""
    prove: ProbeCall | None = None
    """A probe that shows that it bit, where the fault's own proof is not enough."""
