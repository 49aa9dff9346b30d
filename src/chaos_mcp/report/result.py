"""The result as one JSON object: what `--format json` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
        "open_faults": [
            {"fault": one.fault, "name": one.name, "target": one.target}
            for one in reading.open_faults
        ],
    }


def render(reading: Reading) -> str:
    """Return the result as one line of JSON."""
    return json.dumps(result(reading))
