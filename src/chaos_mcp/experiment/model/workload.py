"""Traffic, and what its senders were promised."""

from typing import Annotated, Any

from chaos_mcp.checked.fields import field
from chaos_mcp.checked.marks import Within
from chaos_mcp.experiment.model.part import Part, PartName
from chaos_mcp.experiment.units import Duration, Rate, Share


class Request(Part):
    """One HTTP request of a workload."""

    method: str = "GET"
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    json_: Any = field(default=None, alias="json")
    body: str | None = None
    expect: tuple[int, ...] | int | None = None
    """The statuses that count as success; by default, all below 400."""
    weight: Annotated[float, Within(gt=0)] = 1.0
    """How often it is drawn, relative to the others of its mix."""


class Slo(Part):
    """The service-level objective: what customers were promised."""

    latency: Duration | None = None
    availability: Share = 0.99


class Workload(Part):
    """Traffic at a constant rate, sent whether or not the system keeps up."""

    name: PartName
    http: Request | None = None
    mix: tuple[Request, ...] = ()
    rate: Rate
    slo: Slo = field(default_factory=Slo)
    deadline: Duration = 2.0
    """A request without an answer by then has failed."""

    def checked(self) -> None:
        """Refuse what has no request, or requests in two ways."""
        if bool(self.http) == bool(self.mix):
            msg = "write either `http` (one request) or `mix` (a list of them)"
            raise ValueError(msg)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Return the requests that it draws from."""
        return (self.http,) if self.http else self.mix
