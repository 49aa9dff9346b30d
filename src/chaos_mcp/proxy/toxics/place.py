"""Where a toxic is at work: one direction of one connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.proxy.toxics.toxic import Toxic


class Timer(Protocol):
    """Something that is going to happen."""

    def cancel(self) -> None:
        """Have it not happen."""
        ...


class _Never:
    def cancel(self) -> None:
        """Do nothing."""


def _later(at: float, work: Callable[[], None]) -> Timer:
    del at, work
    return _Never()


def _nothing(*, reset: bool = False) -> None:
    del reset


@dataclass(slots=True, eq=False)
class Place:
    """One direction of a connection, as its toxics see it."""

    seed: str = "seed"
    stream: str = "upstream"
    number: int = 1
    """Which connection of its proxy it is, from 1 on."""
    began: float = 0.0
    """When the connection was accepted, by the clock of the loop."""
    fresh: bool = True
    """Whether nothing has been said on the connection yet."""
    both: dict[Toxic, Any] = field(default_factory=dict)
    """What the two directions of a toxic have in common."""
    wake: Callable[[], object] = _nothing
    """Have this direction look again at what is due."""
    end: Callable[..., None] = _nothing
    """Close the connection now, whatever waits; with `reset=True` by a TCP RST."""
    later: Callable[[float, Callable[[], None]], Timer] = _later
    """Do something at a time of the loop's clock."""

    def seed_of(self, toxic: Toxic, *, alone: bool) -> str:
        """Return what all draws of a toxic follow from, here or in both directions."""
        where = f"{self.seed}/{self.stream}" if alone else self.seed
        return f"{where}/{toxic.name}"
