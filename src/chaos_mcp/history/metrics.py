"""What runs are compared by: each metric, which way is worse, and what is tolerated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Mapping

Scale = Literal["ratio", "points", "share", "seconds"]
UNDER_HARM = "@fault"
"""Says that a metric is that of the fault window, not of the baseline window."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a run, and how two of them are compared."""

    name: str
    words: str
    scale: Scale
    """`ratio`: changes are in percent of it; the others: in its own unit."""
    worse: Literal[1, -1]
    """1 where more is worse, -1 where less is."""
    tolerance: float
    gated: bool = True
    """Whether a baseline is judged by it where nobody says otherwise."""


_BOTH = (
    Metric("response-time", "p95 of response times", "ratio", 1, 0.10),
    Metric("throughput", "successful requests a second", "ratio", -1, 0.05),
    Metric("error-rate", "share of requests that failed", "share", 1, 0.01),
)
METRICS: Mapping[str, Metric] = {
    one.name: one
    for one in (
        Metric("score", "stability score", "points", -1, 5.0),
        Metric("recovery-time", "time to recover", "seconds", 1, 5.0),
        *_BOTH,
        *(
            Metric(
                name=f"{one.name}{UNDER_HARM}",
                words=f"{one.words}, under harm",
                scale=one.scale,
                worse=one.worse,
                tolerance=one.tolerance,
                gated=False,
            )
            for one in _BOTH
        ),
    )
}


def tolerances(
    given: Mapping[str, str], written: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return what is tolerated of each metric that judges a baseline.

    Those that judge by default, those that the experiment has `written`, and over both
    those that somebody named at the run: `15%`, `5`, `3s`. Raise `ChaosError` for what
    is no metric or no tolerance.
    """
    usual = {one.name: one.tolerance for one in METRICS.values() if one.gated}
    named = {name: _tolerance(name, text) for name, text in given.items()}
    return {**usual, **(written or {}), **named}


def _tolerance(name: str, text: str) -> float:
    metric = METRICS.get(name)
    if metric is None:
        known = ", ".join(METRICS)
        raise ChaosError(f"{name!r} is no metric: {known}")
    try:
        amount = _amount(metric.scale, text)
    except ValueError:
        example = {"ratio": "15%", "share": "1%", "points": "5", "seconds": "3s"}
        wanted = f"such as {name}={example[metric.scale]}"
        raise ChaosError(f"{name}={text} says no tolerance, {wanted}") from None
    return amount


def _amount(scale: Scale, text: str) -> float:
    from chaos_mcp.experiment.units import (  # noqa: PLC0415 - only where one is given
        parse_duration,
    )

    match scale:
        case "ratio" | "share":
            if not text.endswith("%"):
                raise ValueError(text)
            amount = float(text[:-1]) / 100
        case "points":
            amount = float(text)
        case "seconds":
            amount = parse_duration(text)
    if not 0 <= amount < 1e6:  # noqa: PLR2004 - nor is NaN a tolerance
        raise ValueError(text)
    return amount
