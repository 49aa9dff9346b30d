"""The number is too uncertain to build upon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.insight.model import Insight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.insight.view import View


WIDE = 10.0
"""Points between the ends of the interval from which it is wide."""


def find(view: View) -> Iterator[Insight]:
    """Yield that the score's interval is wide, and what would narrow it.

    Its width goes with one over the root of the time, so four times as long halves it.
    """
    score = view.score
    if score.low is None or score.high is None or not view.faults:
        return
    width = score.high - score.low
    if width < WIDE:
        return
    longer = (width / WIDE) ** 2
    faults = {one.fault for one in view.faults}
    yield Insight(
        "uncertain",
        "plain",
        f"the score's interval is {width:.0f} points wide ({score.low:.0f} to "
        f"{score.high:.0f}): another run may well give a different number",
        tuple(seq for fault in sorted(faults) for seq in view.stood(fault)),
        f"let the faults stand {longer:.2g} times as long to bring it under "
        f"{WIDE:.0f} points",
    )
