"""What a probe is: data, and one verb that asks and changes nothing."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World


class Probe(BaseModel):
    """A question to the system. Its fields are its arguments are its JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: name.rstrip("_").replace("_", "-"),
        populate_by_name=True,
        defer_build=True,
    )

    kind: ClassVar[str]
    """The name by which experiments call it, such as `http`."""
    example: ClassVar[str]
    """A probe that uses it, as YAML."""
    default_timeout: ClassVar[float] = 5.0
    """Seconds after which the answer is *unknown*, unless the experiment says else."""

    @abstractmethod
    async def ask(self, world: World) -> Any:
        """Return the answer, as JSON.

        Raise `ActivityFailed` when the question could not be asked or not be answered:
        the verdict is then *unknown*.
        """
