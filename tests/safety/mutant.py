"""One thing done wrong in the safety code, which the tests must notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing done wrong."""

    name: str
    file: str
    old: str
    new: str
    tests: str
    """What should notice, as pytest takes it."""
