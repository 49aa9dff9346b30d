"""How soon the declared detector saw that something was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import ProbeMeasured
from chaos_mcp.score.parts import clip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaos_mcp.events import Event
    from chaos_mcp.journal.model import Window
    from chaos_mcp.score.model import Settings


def detected_after(
    events: Iterable[Event], detector: str | None, fault: Window | None
) -> float | None:
    """Return the seconds from the first harm to the detector's first deviation.

    None if it never deviated. *Unknown* is no detection.
    """
    if detector is None or fault is None:
        return None
    for event in events:
        if (
            isinstance(event, ProbeMeasured)
            and event.name == detector
            and event.verdict == "deviated"
            and event.at >= fault.start
        ):
            return round(event.at - fault.start, 6)
    return None


def detection(
    events: Iterable[Event], settings: Settings, fault: Window | None
) -> float | None:
    """Return 1 - t / objective; None where no detector is declared.

    Where no objective is, it is as long as the faults stood.
    """
    if settings.detector is None or fault is None:
        return None
    took = detected_after(events, settings.detector, fault)
    within = settings.detect_within or fault.end - fault.start
    return 0.0 if took is None else clip(1 - took / within)
