"""Answer requests with an error: a service that is down, or says that it is."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._http import Headers, HttpFault, When


class HttpStatus(HttpFault):
    """Answer requests through a proxy with a status of your own.

    `before`, the upstream does not get them. `after`, it gets them, does its work, and
    nobody hears its answer: the nastiest case for whoever tries again.
    """

    kind: ClassVar[str] = "http.status"
    example: ClassVar[str] = """\
fault: http.status
proxy: front
method: POST
path: /checkout
status: 503
share: 20%
for: 10s
"""

    status: int = Field(ge=200, le=599, description="What is answered, such as 503.")
    body: str = Field(default="", description="The text of the answer.")
    headers: Headers = Field(default_factory=dict, description="Headers by name.")
    when: When = Field(
        default="before", description="Whether the upstream has done it by then."
    )
    delay: Duration = Field(default=0.0, description="How long the answer takes.")

    def harm(self) -> Mapping[str, Any]:
        """Return the answer."""
        return {
            "status": self.status,
            "when": self.when,
            "delay": round(self.delay * 1000),
            "body": self.body,
            "headers": dict(self.headers),
        }
