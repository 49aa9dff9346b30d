"""Ask what a container writes: how many of its lines match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator

from chaos_mcp.experiment.units import Duration
from chaos_mcp.probes._containers import ContainerProbe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World


class ContainerLogs(ContainerProbe):
    """The `count` of the lines that it wrote lately and that match, and the `last`."""

    kind: ClassVar[str] = "container.logs"
    example: ClassVar[str] = """\
probe: container.logs
container: store
pattern: "ERROR|Traceback"
expect: {count: 0}
"""

    pattern: str = Field(
        default=".", description="A regular expression that is found in a line."
    )
    within: Duration = Field(default=60.0, description="How far it looks back.")
    lines: int = Field(
        default=1000, ge=1, le=100_000, description="How many lines it looks at."
    )

    @field_validator("pattern")
    @classmethod
    def _regular(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return pattern

    async def ask(self, world: World) -> Any:
        """Read the last lines."""
        seen = await self.seen(world)
        since = (await world.containers.info()).now - self.within
        text = await world.containers.logs(seen.id, since, self.lines)
        found = [one for one in text.splitlines() if re.search(self.pattern, one)]
        return {"count": len(found), "last": found[-1] if found else None}
