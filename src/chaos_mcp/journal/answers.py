"""What probes answered: looked out of the record once, since it may have a million."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import ProbeMeasured
from chaos_mcp.journal.record import once

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaos_mcp.events import Event
    from chaos_mcp.terms import Role

Answers = dict[tuple["Role", str], list[ProbeMeasured]]
"""By the probe's role and its name, in the order in which they came."""


@once
def answers(events: Iterable[Event]) -> Answers:
    """Return all answers of each probe."""
    found: Answers = {}
    for event in events:
        if isinstance(event, ProbeMeasured):
            try:
                found[event.role, event.name].append(event)
            except KeyError:
                found[event.role, event.name] = [event]
    return found
