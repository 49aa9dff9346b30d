"""What a baseline says against a run: each metric that got worse, or may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.events import BaselineJudged
from chaos_mcp.journal.findings import Finding
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.journal.findings import Weight
    from chaos_mcp.terms import Verdict

WEIGHTS: dict[str, Weight] = {"deviated": "failed", "held": "note"}


def regressions(events: Sequence[Event]) -> Iterator[Finding]:
    """Yield a failure for each metric that got worse, a doubt for each unknown one."""
    for event in events:
        if not isinstance(event, BaselineJudged):
            continue
        if event.why:
            yield Finding("doubt", f"not comparable with the baseline: {event.why}")
        for metric in event.metrics:
            verdict = str(metric.get("verdict"))
            if verdict != "held":
                weight = WEIGHTS.get(verdict, "doubt")
                yield Finding(weight, line(str(metric.get("words", metric))))


def worst(event: BaselineJudged) -> Verdict:
    """Return what the baseline says of the run as a whole."""
    verdicts = {str(metric.get("verdict")) for metric in event.metrics}
    if "deviated" in verdicts:
        return "deviated"
    return "held" if verdicts == {"held"} and not event.why else "unknown"


def told(event: BaselineJudged) -> tuple[str, str]:
    """Return that as a line of the timeline, and which metrics are to blame."""
    said = {
        "held": "no worse than",
        "deviated": "worse than",
        "unknown": "it cannot be told whether it is worse than",
    }[worst(event)]
    bad = [
        str(metric.get("words", ""))
        for metric in event.metrics
        if metric.get("verdict") != "held"
    ]
    title = f"{said} the baseline {line(event.baseline)} ({line(event.against)})"
    return title, line("; ".join(part for part in (*bad, event.why) if part))
