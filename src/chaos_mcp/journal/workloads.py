"""What a record tells of its workloads at a glance, without their requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import WorkloadSampled, WorkloadStarted, WorkloadStopped
from chaos_mcp.journal.record import once

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaos_mcp.events import Event


@once
def any_traffic(events: Iterable[Event]) -> bool:
    """Tell whether anything was sent, before loading what makes sense of it."""
    return any(isinstance(one, WorkloadStarted | WorkloadSampled) for one in events)


@once
def stops(events: Iterable[Event]) -> list[WorkloadStopped]:
    """Return how each workload that came to its end went."""
    return [event for event in events if isinstance(event, WorkloadStopped)]
