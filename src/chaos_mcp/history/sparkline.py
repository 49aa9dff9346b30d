"""A row of figures as a row of blocks, in plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
MISSING = "·"


def sparkline(values: Sequence[float | None]) -> str:
    """Return a block for each value, the highest for the most; a point for none."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    return "".join(_block(value, low, high) for value in values)


def _block(value: float | None, low: float, high: float) -> str:
    if value is None:
        return MISSING
    share = (value - low) / (high - low) if high > low else 1.0
    return BLOCKS[min(len(BLOCKS) - 1, int(share * len(BLOCKS)))]
