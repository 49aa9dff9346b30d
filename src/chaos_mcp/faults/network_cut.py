"""Cut connections after a time, busy or not: a cable that is pulled."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from chaos_mcp.experiment.units import Duration
from chaos_mcp.faults._toxic import Stream, ToxicFault


class NetworkCut(ToxicFault):
    """End each connection through a proxy after a time, whether data flows or not.

    `network.timeout` swallows data and waits for silence; this lets all through, and
    then cuts. All that are open at the beginning are cut at the same moment.
    """

    kind: ClassVar[str] = "network.cut"
    toxic: ClassVar[str] = "cut"
    example: ClassVar[str] = """\
fault: network.cut
proxy: cache
after: 200ms
for: 10s
"""

    after: Duration = Field(default=0.0, description="How long a connection has.")
    since: Literal["fault", "connection"] = Field(
        default="fault",
        description="Whether an old connection's time begins with the fault, or has "
        "begun with the connection.",
    )
    by: Literal["close", "reset"] = Field(
        default="close", description="How it ends: in order, or with a TCP RST."
    )

    def streams(self) -> tuple[Stream, ...]:
        """Return one: a connection ends both ways."""
        return ("downstream",)

    def attributes(self) -> Mapping[str, Any]:
        """Return milliseconds, and words of the proxy."""
        since = "toxic" if self.since == "fault" else self.since
        return {"after": round(self.after * 1000), "by": self.by, "since": since}
