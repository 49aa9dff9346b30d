"""One metric of one experiment, run after run, and where it changed."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError
from chaos_mcp.history.change_points import change_points
from chaos_mcp.history.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.history.change_points import ChangePoint
    from chaos_mcp.history.entry import Entry
    from chaos_mcp.history.metrics import Metric


@dataclass(frozen=True, slots=True)
class Trend:
    """Runs with the metric's values, the oldest first."""

    title: str
    metric: Metric
    entries: tuple[Entry, ...]
    values: tuple[float, ...]
    changes: tuple[ChangePoint, ...]
    left_out: int
    """Runs without the metric, or measured by other things than the latest."""


def exactly(entries: Sequence[Entry], title: str) -> Sequence[Entry]:
    """Return the runs of just this title, if there are any; otherwise all."""
    same = [one for one in entries if one.title.lower() == title.lower()]
    return same or entries


def trend(
    entries: Sequence[Entry], name: str, seed: int = 0, *, across_profiles: bool = False
) -> Trend:
    """Return how a metric went; raise `ChaosError` if there is no such metric or run.

    Runs of several experiments are none of one, and are refused.
    """
    metric = METRICS.get(name)
    if metric is None:
        raise ChaosError(f"{name!r} is no metric: {', '.join(METRICS)}")
    if not entries:
        raise ChaosError("the history has no run of that experiment")
    titles = sorted({one.title for one in entries})
    if len(titles) > 1:
        raise ChaosError(f"several experiments are called so: {'; '.join(titles)}")
    profile = entries[-1].profile
    kept = [
        (one, value)
        for one in entries
        if across_profiles or one.profile == profile
        if (value := one.value(name)) is not None and isfinite(value)
    ]
    values = tuple(value for _, value in kept)
    return Trend(
        title=titles[0],
        metric=metric,
        entries=tuple(one for one, _ in kept),
        values=values,
        changes=tuple(change_points(values, seed)),
        left_out=len(entries) - len(kept),
    )
