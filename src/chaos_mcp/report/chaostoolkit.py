"""The run as Chaos Toolkit's journal, so that its reporting tools can read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
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
from chaos_mcp.report import chaostoolkit_experiment as theirs
from chaos_mcp.report.foreign import plain

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
LIKE = "1.44.0"
"""The version of Chaos Toolkit's library whose journals look like this."""


def render(reading: Reading) -> str:
    """Return the journal as JSON, with the keys that Chaos Toolkit 1.x writes."""
    return json.dumps(_journal(reading), indent=2)


def _journal(reading: Reading) -> dict[str, Any]:
    started, host, events = reading.started, reading.started.host, reading.events
    end = events[-1] if events else started
    experiment = theirs.experiment(started.experiment)
    told = _Told(events, theirs.known(experiment))
    return {
        "chaoslib-version": LIKE,
        "platform": f"{host.get('system', '')} {host.get('release', '')}".strip(),
        "node": host.get("node", ""),
        "experiment": experiment,
        "start": _time(started.wall),
        "status": _status(reading),
        "deviated": _deviated(events),
        "steady_states": {when: told.steady_state(when) for when in TIMES},
        "run": list(told.activities()),
        "rollbacks": list(told.rollbacks()),
        "end": _time(end.wall),
        "duration": round(end.at, 6),
        "chaos-mcp": {
            "version": started.version,
            "run": started.run,
            "verdict": reading.outcome.result,
            "reasons": list(reading.outcome.reasons),
            "score": reading.score.value,
        },
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


@dataclass(frozen=True, slots=True)
class _Told:
    """A record, and the activities of its experiment by their names."""

    events: tuple[Event, ...]
    known: dict[str, theirs.Activity]

    def steady_state(self, when: str) -> Any:
        """Return what became of the hypothesis at a time, in their form."""
        judged = [
            event.verdict == "held"
            for event in self.events
            if isinstance(event, HypothesisJudged) and event.when == when
        ]
        if not judged:
            return [] if when == "during" else None
        probes = [
            {**self._probe(event), "tolerance_met": event.verdict == "held"}
            for event in self.events
            if isinstance(event, ProbeMeasured)
            and event.role == "hypothesis"
            and event.when == when
        ]
        if when == "during":
            return [{"steady_state_met": all(judged), "probes": probes}]
        return {"steady_state_met": judged[-1], "probes": probes}

    def activities(self) -> Iterator[dict[str, Any]]:
        """Yield what the method did."""
        for event in self.events:
            match event:
                case ProbeMeasured(role="method"):
                    yield self._probe(event)
                case ActionFinished(role="method"):
                    yield self._action(event)
                case FaultInjected():
                    activity = self._known("fault", event.name, event.fault)
                    yield _run(event, activity, "succeeded", event.duration)
                case _:
                    pass

    def rollbacks(self) -> Iterator[dict[str, Any]]:
        """Yield the user's rollbacks, and our own undo of each fault among them."""
        for event in self.events:
            match event:
                case FaultVerified():
                    undo = theirs.of("fault", f"undo {event.name}", "undo")
                    done = _run(event, undo, "succeeded", 0.0)
                    yield {**done, "output": event.evidence}
                case ActionFinished(role="rollback"):
                    yield self._action(event)
                case ProbeMeasured(role="rollback"):
                    yield self._probe(event)
                case _:
                    pass

    def _probe(self, event: ProbeMeasured) -> dict[str, Any]:
        activity = self._known("probe", event.name)
        activity = {"tolerance": event.expected or True, **activity}
        failed = event.verdict == "unknown"
        status = "failed" if failed else "succeeded"
        run = _run(event, activity, status, event.duration)
        run["output"] = event.value
        return {**run, "exception": [plain(event.why)]} if failed else run

    def _action(self, event: ActionFinished) -> dict[str, Any]:
        activity = self._known("action", event.name)
        run = _run(event, activity, event.status, event.duration)
        run["output"] = event.output
        return {**run, "exception": [plain(event.error)]} if event.error else run

    def _known(self, kind: str, name: str, what: str = "") -> theirs.Activity:
        found = self.known.get(name)
        if found is None or "provider" not in found:
            return theirs.of(kind, name, what)
        return found


def _run(
    event: Any, activity: theirs.Activity, status: str, duration: float
) -> dict[str, Any]:
    return {
        "activity": activity,
        "status": status,
        "output": None,
        "start": _time(event.wall - duration),
        "end": _time(event.wall),
        "duration": duration,
    }


def _time(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).isoformat().removesuffix("+00:00")
