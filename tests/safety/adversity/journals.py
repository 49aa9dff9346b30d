"""Journals of dead runs, written by hand, and what recovering them says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio

from chaos_mcp.engine.recover import recover
from chaos_mcp.engine.undoing import Patience
from chaos_mcp.events import FaultArmed
from chaos_mcp.journal.log import Journal
from tests.safety.adversity.gates import KIND, LEAVES

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.engine.recover import Recovered

QUICK = Patience(step=1.0, attempts=2, pause=0.0)
RUN = "20260101-120000-beef"


def armed(number: int, **wrong: Any) -> FaultArmed:
    """Return a fault as it is armed, but for what is wrong with it."""
    memo = {"leaves": [f"{number}-{leaf}" for leaf in LEAVES]}
    right = {
        "fault": f"{number}-{KIND}",
        "name": f"open gate {number}",
        "spec": {"fault": KIND, "gate": str(number)},
        "memo": memo,
        "owner": f"chaos-{RUN}-{number}",
        "lease": 10.0,
        "expires": 2e9,
    }
    return FaultArmed.model_validate({**right, **wrong})


def recovered(folder: Path, *events: Any, run: str = RUN) -> Recovered:
    """Let a dead run have written this; recover it."""
    journal = Journal(folder, run)
    for event in events:
        journal.record(event)
    journal.close()
    return again(folder)


def again(folder: Path) -> Recovered:
    """Recover a dead run."""
    return anyio.run(recover, folder, "recover", "asked", QUICK)


def told_well(text: str) -> bool:
    """Tell whether a person can read it: no traceback, no page, nothing that blinks."""
    lines = text.split("\n")
    short = len(lines) < 12 and max(map(len, lines)) < 500
    return short and "Traceback" not in text and all(map(str.isprintable, lines))
