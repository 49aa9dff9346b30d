"""The result as one JSON object: what `--format json` prints."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chaos_mcp.journal.resources import courses

if TYPE_CHECKING:
    from chaos_mcp.insight.model import FaultImpact
    from chaos_mcp.journal.resources import Course
    from chaos_mcp.report.reading import Reading


def result(reading: Reading) -> dict[str, Any]:
    """Return run, verdict, exit code, reasons and score, as JSON can hold them."""
    score, outcome = reading.score, reading.outcome
    return {
        "run": reading.started.run,
        "title": reading.started.title,
        "verdict": outcome.result,
        "exit_code": outcome.exit_code,
        "reasons": list(outcome.reasons),
        "next_step": outcome.next_step,
        "score": {"value": score.value, "low": score.low, "high": score.high},
        "profile": score.profile,
        "recovery_time": score.recovery_time,
        "impacts": [_impact(one) for one in reading.impacts],
        "resources": [_used(one) for one in courses(reading.events)],
        "insights": [asdict(one) for one in reading.insights],
        "open_faults": [
            {"fault": one.fault, "name": one.name, "target": one.target}
            for one in reading.open_faults
        ],
    }


def _used(one: Course) -> dict[str, Any]:
    """Return what a part used at most; null where that is unknown."""
    return {
        "part": one.part,
        "name": one.name,
        "most_cores": one.most_cores,
        "most_memory": one.most_memory,
        "looks": len(one.at),
        "unknown": one.unknown,
        "why": list(one.whys),
    }


def _impact(one: FaultImpact) -> dict[str, Any]:
    return {
        "fault": one.fault,
        "workload": one.workload,
        "before": asdict(one.before),
        "during": asdict(one.during),
        "after": asdict(one.after) if one.after else None,
        "time_to_effect": one.time_to_effect,
        "time_to_detect": one.time_to_detect,
        "time_to_recover": one.time_to_recover,
        "beside": list(one.beside),
    }


def render(reading: Reading) -> str:
    """Return the result as one line of JSON."""
    return json.dumps(result(reading))
