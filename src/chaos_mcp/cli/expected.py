"""How long a run will take, as far as its plan tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.plan.model import Harm

if TYPE_CHECKING:
    from chaos_mcp.plan.model import Plan


def length(plan: Plan) -> float:
    """Return seconds: baseline, faults in turn or on the clock, and the hold time."""
    harms = [s for s in plan.steps if isinstance(s, Harm) and not s.skipped]
    in_turn = sum(harm.hold or 0.0 for harm in harms if harm.at is None)
    on_clock = [(h.at or 0.0) + (h.hold or 0.0) for h in harms if h.at is not None]
    inject = max([in_turn, *on_clock])
    recovery = plan.timing.hold if plan.timing.recovery is not None else 0.0
    return plan.timing.baseline + inject + recovery
