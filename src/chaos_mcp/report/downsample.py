"""Fewer points for the same picture: of each stretch, the worst moments are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.score.model import Second

MOST = 4000
"""Points that a chart draws quickly."""
KEPT = 4
"""Of each stretch: fewest and most good, slowest and fastest."""


def downsample(seconds: Sequence[Second], most: int = MOST) -> list[Second]:
    """Return at most so many seconds, extremes among them, in their order."""
    if len(seconds) <= most:
        return list(seconds)
    stretch = -(-len(seconds) * KEPT // most)
    kept: list[Second] = []
    for start in range(0, len(seconds), stretch):
        kept.extend(_extremes(seconds[start : start + stretch]))
    return kept


def _extremes(stretch: Sequence[Second]) -> list[Second]:
    def slowness(one: Second) -> float:
        return one.p99 or 0.0

    chosen = {
        id(one): one
        for one in (
            min(stretch, key=lambda one: one.good),
            max(stretch, key=lambda one: one.good),
            max(stretch, key=slowness),
            min(stretch, key=slowness),
        )
    }
    return sorted(chosen.values(), key=lambda one: one.at)
