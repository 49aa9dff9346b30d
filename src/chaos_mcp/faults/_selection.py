"""Which of many are hit: drawn from the run's seed, and never one that is protected."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chaos_mcp.errors import FaultRefused
from chaos_mcp.experiment.units import Share

if TYPE_CHECKING:
    from collections.abc import Sequence

EXACT = 1e-9
"""What a product of binary fractions may lack of a whole number."""
LISTED = 20
"""How many of what would be hit an error names."""


class Selection(BaseModel):
    """How many of those that match are hit: a share, a number, or all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percentage: Share | None = Field(
        default=None,
        gt=0,
        description="Which share of them, rounded down, but one at least.",
    )
    count: int | None = Field(default=None, ge=1, description="Or how many of them.")
    selection: Literal["random", "all"] = Field(
        default="random",
        description="Drawn from the run's seed, or simply all of them.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = sum(one is not None for one in (self.percentage, self.count))
        if given != (0 if self.selection == "all" else 1):
            raise ValueError(
                "say how many, by one of `percentage`, `count` and `selection: all`"
            )
        return self

    def of(self, number: int) -> int:
        """Return how many of so many are hit."""
        if self.count is not None:
            return self.count
        if self.percentage is not None:
            return max(1, int(self.percentage * number + EXACT))
        return number


class TooFew(FaultRefused):
    """There are not as many as are to be hit; there may be later."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One that matches what the experiment asks for."""

    key: str
    """By what it is drawn: the same in the next run, if that finds the same system."""
    label: str
    """How people know it: `4711 (worker)`, `container shop-1`."""
    protected: str = ""
    """Why it must never be touched; empty: it may be."""


def choose(
    candidates: Sequence[Candidate],
    selection: Selection | None,
    chance: str,
    *,
    of_what: str,
    most: int | None = None,
) -> tuple[Candidate, ...]:
    """Return those that are hit, as the draw `chance` wants it.

    Who is drawn does not depend on the order of the candidates, and hardly on others
    that come and go. Raise `FaultRefused` if there are not enough, if several match
    and nobody says how many, or if more than `most` would be hit: with the list.
    """
    free = [one for one in candidates if not one.protected]
    if not free:
        raise TooFew(_nobody(candidates, of_what))
    if selection is None and len(free) > 1:
        raise FaultRefused(
            f"{len(free)} match {of_what}: {named(free)}; say how many by `scope`"
        )
    number = selection.of(len(free)) if selection else 1
    if number > len(free):
        raise TooFew(f"only {len(free)} match {of_what}: {named(free)}")
    drawn = sorted(free, key=lambda one: (_lot(chance, one), one.key))[:number]
    if most is not None and number > most:
        raise FaultRefused(f"{number} targets would be hit: {named(drawn)}")
    return tuple(drawn)


def named(candidates: Sequence[Candidate]) -> str:
    """Return what they are called, and how many more there are of a long list."""
    labels = sorted(one.label for one in candidates)
    more = len(labels) - LISTED
    return ", ".join(labels[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _nobody(candidates: Sequence[Candidate], of_what: str) -> str:
    if not candidates:
        return f"there is no {of_what}"
    why = "; ".join(f"{one.label}: {one.protected}" for one in candidates[:LISTED])
    return f"there is no {of_what} that may be touched ({why})"


def _lot(chance: str, one: Candidate) -> bytes:
    """Return the lot that a candidate draws, whoever else there is."""
    return hashlib.sha256(f"{chance}\0{one.key}".encode()).digest()
