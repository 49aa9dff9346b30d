"""Requests waited until their deadline: nothing on the way gave up before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import line, seconds, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.view import View


MANY = 0.02
"""Share of a fault's requests that must have run into the deadline, over the usual."""
TIMEOUT = "timeout"
"""What the workload calls a request that was unanswered at its deadline."""


def find(view: View) -> Iterator[Insight]:
    """Yield for each fault under which answers failed to come at all."""
    for one in view.faults:
        waiting = _share(one.during.errors, one.during.requests)
        if waiting - _share(one.before.errors, one.before.requests) < MANY:
            continue
        deadline = seconds(view.flows[one.workload].promise.deadline)
        yield Insight(
            "no-timeout",
            "bad",
            f"{share(waiting)} of {line(one.workload)} requests had no answer within "
            f"their deadline of {deadline} while {line(one.name)} stood: no timeout "
            f"shorter than {deadline} is in force on the way",
            view.shows(one, one.time_to_effect),
            f"give the calls behind {line(one.workload)} a timeout well under "
            f"{deadline}, and something to answer with when it strikes",
        )


def _share(errors: dict[str, int], requests: int) -> float:
    return errors.get(TIMEOUT, 0) / requests if requests else 0.0
