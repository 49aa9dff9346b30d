"""The system did not come back while anybody was watching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import line, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.view import View


def find(view: View) -> Iterator[Insight]:
    """Yield for each workload that did not recover from the last fault."""
    for one in view.faults[-len(view.flows) or None :]:
        after = one.after
        if after is None or one.time_to_recover is not None:
            continue
        level = after.goodput / one.before.goodput if one.before.goodput else 0.0
        yield Insight(
            "never-back",
            "bad",
            f"{line(one.workload)} was not back to normal at the end of the run: "
            f"goodput {share(level)} of the baseline's since {line(one.name)} was "
            "taken back",
            (*view.undone(one.fault), *view.sample(one.workload, one.window.end)),
            "find what does not heal by itself: restart, reconnect or fail over, and "
            "give `recovery: within` the time that it really needs",
        )
