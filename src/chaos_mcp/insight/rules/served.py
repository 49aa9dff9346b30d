"""Customers were served as before, although the fault bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Insight
from chaos_mcp.journal.words import line, seconds, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.view import View


SERVED = 0.99
"""Goodput under the fault as a share of the baseline's."""


def find(view: View) -> Iterator[Insight]:
    """Yield for each proven fault that cost customers (nearly) nothing."""
    for one in view.faults:
        during, before = one.during, one.before
        proof = view.proven(one.fault)
        if proof and before.goodput and during.goodput >= SERVED * before.goodput:
            kept = share(min(1.0, during.goodput / before.goodput))
            span, name = seconds(one.window.end - one.window.start), line(one.name)
            yield Insight(
                "served-throughout",
                "good",
                f"{line(one.workload)} kept {kept} of its goodput for the {span} in "
                f"which {name} stood, and {name} was proven to bite",
                (*proof, *view.sample(one.workload, one.window.start)),
            )
