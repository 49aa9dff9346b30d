"""A figure of a run, with how sure it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and how sure it is."""

    value: float
    error: float
    """Standard error: of the logarithm where ratios are compared."""
    freedom: float
    """Degrees of freedom of the error."""
