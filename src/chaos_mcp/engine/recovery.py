"""Recovery: after the last undo, waiting for traffic to be as good as before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.score.model import Settings
    from chaos_mcp.workload.schedule import Sample

ENOUGH = 0.9
"""The share of the baseline's goodput from which a second counts as good."""
LOOK = 0.25
"""Seconds between two looks."""


@dataclass(slots=True)
class Goodput:
    """Counts good requests a second while the run goes on, to know when to stop."""

    settings: Settings
    now: Callable[[], float]
    normal: float = 0.0
    """Good requests a second in the baseline."""
    _good: dict[int, int] = field(default_factory=dict)

    def seen(self, workload: str, sample: Sample) -> None:
        """Count one request in the second in which it was due."""
        slo = next(w.latency for w in self.settings.workloads if w.name == workload)
        if sample.result == "ok" and (slo is None or sample.latency <= slo):
            second = int(sample.due)
            self._good[second] = self._good.get(second, 0) + 1

    def end_baseline(self) -> None:
        """Take what was seen so far, but for its ragged ends, as normal."""
        whole = sorted(self._good)[1:-1]
        self.normal = sum(self._good[s] for s in whole) / max(1, len(whole))

    async def recovered(self, since: float) -> None:
        """Return once every whole second has been good for the hold time."""
        while not self._held(since):  # noqa: ASYNC110 - time is waited for
            await anyio.sleep(LOOK)

    def _held(self, since: float) -> bool:
        """Tell whether the last complete seconds were all good.

        A second is complete a moment after its end: slow answers are not good anyway.
        """
        # One second more than asked for: the score counts from the last undo, and not
        # in whole seconds of the run.
        hold = max(1, round(self.settings.hold)) + 1
        last = int(self.now() - LOOK)
        seconds = range(last - hold, last)
        return seconds[0] >= since - 1 and all(
            self._good.get(second, 0) >= ENOUGH * self.normal for second in seconds
        )
