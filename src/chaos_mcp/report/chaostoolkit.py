"""The run as Chaos Toolkit's journal, so that its reporting tools can read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chaos_mcp.events import (
    ActionFinished,
    FaultInjected,
    FaultVerified,
    HypothesisJudged,
    ProbeMeasured,
    RunAborting,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.events import Event
    from chaos_mcp.report.reading import Reading

STATUS = {
    "PASSED": "completed",
    "FAILED": "failed",
    "INCONCLUSIVE": "failed",
    "ABORTED": "aborted",
    "UNSAFE": "aborted",
    "INVALID": "failed",
}
TIMES = ("before", "after", "during")


def render(reading: Reading) -> str:
    """Return the journal as JSON, with the keys that Chaos Toolkit 1.x writes."""
    return json.dumps(_journal(reading), indent=2)


def _journal(reading: Reading) -> dict[str, Any]:
    started, host, events = reading.started, reading.started.host, reading.events
    end = events[-1] if events else started
    return {
        "chaoslib-version": f"chaos-mcp {started.version}",
        "platform": f"{host.get('system', '')} {host.get('release', '')}".strip(),
        "node": host.get("node", ""),
        "experiment": started.experiment,
        "start": _time(started.wall),
        "status": _status(reading),
        "deviated": _deviated(events),
        "steady_states": {when: _steady_state(events, when) for when in TIMES},
        "run": list(_activities(events)),
        "rollbacks": list(_rollbacks(events)),
        "end": _time(end.wall),
        "duration": round(end.at, 6),
    }


def _status(reading: Reading) -> str:
    for event in reading.events:
        if isinstance(event, RunAborting) and event.cause == "signal":
            return "interrupted"
    return STATUS[reading.outcome.result]


def _deviated(events: tuple[Event, ...]) -> bool:
    return any(
        isinstance(event, HypothesisJudged)
        and event.when != "before"
        and event.verdict != "held"
        for event in events
    )


def _steady_state(events: tuple[Event, ...], when: str) -> Any:
    probes = [
        {**_probe(event), "tolerance_met": event.verdict == "held"}
        for event in events
        if isinstance(event, ProbeMeasured)
        and event.role == "hypothesis"
        and event.when == when
    ]
    judged = [
        event.verdict == "held"
        for event in events
        if isinstance(event, HypothesisJudged) and event.when == when
    ]
    if when == "during":
        return [{"steady_state_met": all(judged), "probes": probes}] if judged else []
    return {"steady_state_met": judged[-1], "probes": probes} if judged else None


def _probe(event: ProbeMeasured) -> dict[str, Any]:
    failed = event.verdict == "unknown"
    run = _run(event, "probe", "failed" if failed else "succeeded", event.duration)
    run["output"] = event.value
    return {**run, "exception": [event.why]} if failed else run


def _action(event: ActionFinished) -> dict[str, Any]:
    run = _run(event, "action", event.status, event.duration)
    run["output"] = event.output
    return {**run, "exception": [event.error]} if event.error else run


def _run(event: Any, kind: str, status: str, duration: float) -> dict[str, Any]:
    return {
        "activity": {"type": kind, "name": event.name},
        "status": status,
        "output": None,
        "start": _time(event.wall - duration),
        "end": _time(event.wall),
        "duration": duration,
    }


def _activities(events: tuple[Event, ...]) -> Iterator[dict[str, Any]]:
    for event in events:
        match event:
            case ProbeMeasured(role="method"):
                yield _probe(event)
            case ActionFinished(role="method"):
                yield _action(event)
            case FaultInjected():
                yield _run(event, "action", "succeeded", event.duration)
            case _:
                pass


def _rollbacks(events: tuple[Event, ...]) -> Iterator[dict[str, Any]]:
    """Yield the user's rollbacks, and our own undo of each fault among them."""
    for event in events:
        match event:
            case FaultVerified():
                run = _run(event, "action", "succeeded", 0.0)
                activity = {"type": "action", "name": f"undo {event.name}"}
                yield {**run, "activity": activity, "output": event.evidence}
            case ActionFinished(role="rollback"):
                yield _action(event)
            case ProbeMeasured(role="rollback"):
                yield _probe(event)
            case _:
                pass


def _time(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).isoformat().removesuffix("+00:00")
