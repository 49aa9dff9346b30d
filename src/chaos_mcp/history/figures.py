"""A run's figures, each with how sure it is: all that comparing it later needs."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from chaos_mcp.history.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.report.reading import Reading

NORMAL = 1.96
GRID = 0.58
"""Standard error of a recovery time, which is counted in whole seconds: 1 / sqrt(3)."""
NEVER = inf
"""The recovery time of what was not seen to recover."""


def figures(reading: Reading) -> dict[str, Estimate]:
    """Return a run's figures by the names of their metrics; what wasn't is left out."""
    return dict(_figures(reading))


def _figures(reading: Reading) -> Iterator[tuple[str, Estimate]]:
    score = reading.score
    if score.value is not None:
        width = (score.high or score.value) - (score.low or score.value)
        yield "score", Estimate(score.value, width / 2 / NORMAL, inf)
    if score.recovery_time is not None:
        yield "recovery-time", Estimate(score.recovery_time, GRID, inf)
    elif not score.recovered:
        yield "recovery-time", Estimate(NEVER, GRID, inf)
    if score.seconds:
        yield from _traffic(reading)


def _traffic(reading: Reading) -> Iterator[tuple[str, Estimate]]:
    from chaos_mcp.history import resample  # noqa: PLC0415 - only where requests are
    from chaos_mcp.history.cells import cells  # noqa: PLC0415 - as above
    from chaos_mcp.history.metrics import UNDER_HARM  # noqa: PLC0415 - as above
    from chaos_mcp.journal.impact import measured  # noqa: PLC0415 - as above
    from chaos_mcp.journal.traffic import flows  # noqa: PLC0415 - as above

    traffic, spans = flows(reading.told), reading.windows
    for window, suffix in ((spans.baseline, ""), (spans.fault, UNDER_HARM)):
        part = measured(window, traffic)
        if part is None:
            continue
        found = cells(traffic, part)
        estimates = {
            "response-time": resample.p95(found),
            "throughput": resample.throughput(found, part.end - part.start),
            "error-rate": resample.error_rate(found),
        }
        for name, estimate in estimates.items():
            if estimate is not None:
                yield f"{name}{suffix}", estimate
