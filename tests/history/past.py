"""Runs that a history might have, made without running anything."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

from chaos_mcp.history.entry import Entry
from chaos_mcp.history.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGAN = 1_760_000_000.0
DAY = 86_400.0


def figures(**changed: float) -> dict[str, Estimate]:
    """Return figures of a run that went well; names with `_` for `-`."""
    usual = {
        "score": Estimate(92.0, 1.0, inf),
        "recovery-time": Estimate(3.0, 0.58, inf),
        "response-time": Estimate(0.1, 0.02, 6.0),
        "throughput": Estimate(50.0, 0.005, 6.0),
        "error-rate": Estimate(0.001, 0.001, 6.0),
    }
    for name, value in changed.items():
        key = name.replace("_", "-")
        usual[key] = replace(usual[key], value=value)
    return usual


def entry(
    run: str = "r1",
    *,
    day: float = 0,
    known: Mapping[str, Estimate] | None = None,
    **changed: Any,
) -> Entry:
    return replace(
        Entry(
            run=run,
            title="The shop keeps selling",
            file="experiments/shop.yaml",
            digest="d" * 64,
            profile="p" * 16,
            verdict="PASSED",
            exit_code=0,
            started=BEGAN + day * DAY,
            length=32.5,
            seed=7,
            version="0.1.0",
            node="here",
            folder=f"/runs/{run}",
            tags=("network", "nightly"),
            reasons=("the steady-state hypothesis held",),
            low=90.0,
            high=94.0,
            figures=figures() if known is None else known,
        ),
        **changed,
    )
