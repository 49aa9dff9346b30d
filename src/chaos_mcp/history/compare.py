"""Two runs side by side: what differs, by how much, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isinf, isnan, log, nan
from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError
from chaos_mcp.history.metrics import METRICS
from chaos_mcp.history.student import pooled_freedom, quantile, tail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.history.estimate import Estimate
    from chaos_mcp.history.metrics import Metric
    from chaos_mcp.terms import Verdict

CONFIDENCE = 0.95
ALPHA = 0.05
"""The chance, at most, that a system which is the same is said to be worse at all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How one metric changed; ratios as shares of the first run's figure."""

    metric: Metric
    before: float | None
    after: float | None
    change: float = nan
    low: float = nan
    high: float = nan
    """The ends of its 95 % interval."""
    worse: float = 1.0
    """The chance of as bad a change, or a worse one, were the system the same."""
    blur: float = inf
    """The change, for the worse, that would be lost in the noise (one-sided 95 %)."""

    @property
    def worsening(self) -> float:
        """Return the change, positive where it is for the worse."""
        return self.change * self.metric.worse


@dataclass(frozen=True, slots=True)
class Judged:
    """A difference, and whether it is more than was tolerated."""

    difference: Difference
    tolerance: float
    verdict: Verdict
    why: str


class DifferentProfiles(ChaosError):
    """Two runs were measured by different things."""


def compare(
    before: Entry, after: Entry, *, across_profiles: bool = False
) -> list[Difference]:
    """Return how each metric changed that at least one of two runs has.

    Raise `DifferentProfiles` if they were measured by different things, unless that
    is asked for.
    """
    if before.profile != after.profile and not across_profiles:
        raise DifferentProfiles(
            f"{before.run} and {after.run} were measured by different things (profiles "
            f"{before.profile} and {after.profile}): weights, objectives, workload or "
            "faults differ"
        )
    return [
        difference(metric, before.figures.get(name), after.figures.get(name))
        for name, metric in METRICS.items()
        if name in before.figures or name in after.figures
    ]


def difference(
    metric: Metric, before: Estimate | None, after: Estimate | None
) -> Difference:
    """Return how one metric changed; where one has no figure, nobody knows."""
    if before is None or after is None:
        return Difference(metric, _value(before), _value(after), worse=nan)
    known = Difference(metric, before.value, after.value)
    if isinf(before.value) or isinf(after.value):
        return _endless(known)
    if metric.scale != "ratio":
        return _measured(known, before, after, after.value - before.value)
    if before.value <= 0 or after.value <= 0:
        return Difference(metric, before.value, after.value, worse=nan)
    return _measured(known, before, after, log(after.value / before.value))


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def _measured(
    known: Difference, before: Estimate, after: Estimate, shift: float
) -> Difference:
    error = (before.error**2 + after.error**2) ** 0.5
    freedom = pooled_freedom(before.error, before.freedom, after.error, after.freedom)
    half = quantile(0.5 + CONFIDENCE / 2, freedom) * error
    worsening = shift * known.metric.worse
    t = worsening / error if error else (inf if worsening > 0 else 0.0)
    return Difference(
        metric=known.metric,
        before=known.before,
        after=known.after,
        change=_scaled(known.metric, shift),
        low=_scaled(known.metric, shift - half),
        high=_scaled(known.metric, shift + half),
        worse=tail(t, freedom) if worsening else 0.5,
        blur=_scaled(known.metric, quantile(CONFIDENCE, freedom) * error),
    )


def _scaled(metric: Metric, shift: float) -> float:
    """Return a change in the metric's own unit, or as a share of what was before."""
    return exp(min(shift, 700.0)) - 1 if metric.scale == "ratio" else shift


def _endless(known: Difference) -> Difference:
    """Return how a time changed that has no end on one side, or on both."""
    before, after = known.before, known.after
    if before == after:
        return Difference(known.metric, before, after, 0.0, 0.0, 0.0, 0.5, 0.0)
    change = inf if after == inf else -inf
    worse = 0.0 if change > 0 else 1.0
    return Difference(known.metric, before, after, change, change, change, worse, 0.0)


def judge(
    differences: list[Difference], tolerances: Mapping[str, float]
) -> list[Judged]:
    """Return what is more than was tolerated: deviated, held, or unknown.

    *Deviated*: worse by more than is tolerated, and significantly so. The chance that
    anything deviates in a system that is the same is 5 % at most, over all metrics
    together (Holm 1979). *Unknown*: measured too coarsely for what is tolerated, or
    beyond it without being significant. What neither run measured is not judged.
    """
    judged = [one for one in differences if one.metric.name in tolerances]
    significant = _holm(judged)
    return [
        _judged(one, tolerances[one.metric.name], one.metric.name in significant)
        for one in judged
    ]


def _holm(differences: list[Difference]) -> set[str]:
    """Return the metrics that got worse, with a family-wise error of `ALPHA`."""
    found: set[str] = set()
    ordered = sorted(
        (one for one in differences if not isnan(one.worse)),
        key=lambda one: one.worse,
    )
    for rank, one in enumerate(ordered):
        if one.worse > ALPHA / (len(ordered) - rank):
            break
        found.add(one.metric.name)
    return found


def _judged(one: Difference, tolerance: float, significant: bool) -> Judged:  # noqa: FBT001 - read beside its name
    if isnan(one.change):
        return Judged(one, tolerance, "unknown", "one of the runs has no figure")
    beyond = one.worsening > tolerance
    if beyond and significant:
        return Judged(one, tolerance, "deviated", "worse than is tolerated")
    if beyond:
        why = "worse than is tolerated, but it may be chance"
        return Judged(one, tolerance, "unknown", why)
    if one.blur > tolerance:
        why = "too few samples to tell a change of what is tolerated"
        return Judged(one, tolerance, "unknown", why)
    return Judged(one, tolerance, "held", "")
