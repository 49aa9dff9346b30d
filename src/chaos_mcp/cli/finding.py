"""What `chaos doctor` finds out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for."""

    name: str
    fine: bool
    words: str
    needed: bool = False
    """Whether nothing works without it."""
