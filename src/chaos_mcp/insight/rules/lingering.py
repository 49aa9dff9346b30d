"""The fault was gone, and its harm was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import line, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.view import View


KINDS = 3
"""Kinds of failure that are named."""
LONG = 2.0
"""Seconds after the undo for which nobody can be blamed for still being in trouble."""


def find(view: View) -> Iterator[Insight]:
    """Yield for each fault after which goodput stayed down for a while."""
    for one in view.faults:
        took, after = one.time_to_recover, one.after
        if took is None or took <= LONG or after is None:
            continue
        most = list(after.errors.items())[:KINDS]
        kinds = ", ".join(f"{number} {line(kind)}" for kind, number in most)
        yield Insight(
            "lingering",
            "warn",
            f"{line(one.workload)} needed {seconds(took)} after {line(one.name)} was "
            f"taken back until its goodput was normal{f' ({kinds})' if kinds else ''}",
            (*view.undone(one.fault), *view.sample(one.workload, one.window.end)),
            "look at what holds on to a dead connection or waits to try again: "
            "pools, breakers, back-off, queues that have to drain",
        )
