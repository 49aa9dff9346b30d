"""The stability score: what a run's traffic says of the system, from 0 to 100.

Several workloads are pooled request by request: each request is judged by its own
workload's SLO, deadline and baseline latency, and then all count the same. So a
workload weighs as much as its rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.journal.settings import settings_of
from chaos_mcp.journal.windows import windows
from chaos_mcp.journal.workloads import any_traffic
from chaos_mcp.score.model import Score
from chaos_mcp.score.profile import profile
from chaos_mcp.score.weights import weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.score.model import Settings

RESAMPLES = 1000
NO_WORKLOAD = "no workload is declared"


def score(events: Sequence[Event], resamples: int = RESAMPLES) -> Score:
    """Return how stable the system stayed, or why there is no number.

    `resamples` is how often the run is drawn again for the interval.
    """
    settings = settings_of(events)
    if not any_traffic(events):
        return _unmeasured(events, settings)
    from chaos_mcp.score.figures import figures  # noqa: PLC0415 - there is no need else

    return figures(events, settings, resamples)


def _unmeasured(events: Sequence[Event], settings: Settings) -> Score:
    """Return that there is no number, since nothing was sent to measure on."""
    detecting = settings.detector is not None and windows(events).fault is not None
    measured_by = profile(settings, weights(waited=False, detecting=detecting))
    return Score(None, None, None, missing=(NO_WORKLOAD,), profile=measured_by)
