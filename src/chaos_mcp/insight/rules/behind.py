"""The generator itself was late, which blurs what it measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import WorkloadSampled
from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import line, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.view import View


BLUR = 0.05
"""Seconds behind its own schedule from which the generator blurs latencies."""


def find(view: View) -> Iterator[Insight]:
    """Yield for each workload whose generator was late."""
    worst: dict[str, WorkloadSampled] = {}
    for event in view.events:
        if isinstance(event, WorkloadSampled) and event.lag > BLUR:
            known = worst.get(event.name)
            if known is None or event.lag > known.lag:
                worst[event.name] = event
    for event in worst.values():
        yield Insight(
            "generator-late",
            "plain",
            f"the generator of {line(event.name)} was up to {seconds(event.lag)} late "
            "by its own schedule: that much of the latencies may be its own",
            (event.seq,),
            "run it on a machine with more room, or at a lower rate",
        )
