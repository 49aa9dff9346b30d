"""Ask how long this machine's processes have to wait for what they need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World

FOLDER = Path("/proc/pressure")


class HostPressure(Probe):
    """The share of the time in which some, or all, waited for a resource, from 0 to 1.

    Linux counts it (pressure stall information): `some` over the last 10, 60 and 300
    seconds, and `full` where nobody could go on. Where the kernel does not count it,
    the answer is unknown.
    """

    kind: ClassVar[str] = "host.pressure"
    example: ClassVar[str] = """\
probe: host.pressure
resource: cpu
expect: {some: {avg10: "< 60%"}}
"""

    resource: Literal["cpu", "memory", "io"] = Field(
        default="cpu", description="What is waited for."
    )

    async def ask(self, world: World) -> Any:
        """Read it from the kernel, which answers at once."""
        del world
        try:
            text = (FOLDER / self.resource).read_text("ascii")
        except OSError as error:
            raise ActivityFailed(
                f"this kernel counts no pressure ({FOLDER / self.resource}: "
                f"{error.strerror}): it needs Linux with PSI, switched on by `psi=1`"
            ) from error
        return dict(_line(line) for line in text.splitlines())


def _line(line: str) -> tuple[str, dict[str, float]]:
    """Return what a line says: `some avg10=1.23 avg60=… avg300=… total=…`."""
    who, *words = line.split()
    found = dict(word.split("=", 1) for word in words)
    averages = {k: round(float(v) / 100, 6) for k, v in found.items() if k != "total"}
    return who, {**averages, "total_seconds": int(found["total"]) / 1e6}
