"""What happened so far, as Chaos Toolkit's controls are told: its runs and journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

RUNS = {"method": "run", "rollbacks": "rollbacks"}
"""Under which key Chaos Toolkit's journal has the runs of each part."""


class Recorded(Protocol):
    """An activity, as it is about to be called or was called."""

    @property
    def name(self) -> str:
        """What the report calls it."""
        ...

    @property
    def written(self) -> Any:
        """The entry of the experiment that it was made of."""
        ...


class Answered(Protocol):
    """What came back from an activity."""

    @property
    def value(self) -> Any:
        """The answer."""
        ...

    @property
    def error(self) -> str:
        """Why there is none."""
        ...

    @property
    def duration(self) -> float:
        """Seconds that it took."""
        ...


def activity_of(call: Recorded) -> dict[str, Any]:
    """Return an activity in Chaos Toolkit's form, whatever form it was written in."""
    written = call.written
    dumped = {} if written is None else written.model_dump(by_alias=True)
    kind = "action" if "action" in dumped else "probe"
    provider = {"type": "chaos-mcp", **dumped}
    return {"type": kind, "name": call.name, "provider": provider}


def state_of(activity: dict[str, Any], answer: Answered) -> dict[str, Any]:
    """Return the run of an activity, as Chaos Toolkit's journal has it."""
    end = datetime.now(UTC)
    run = {
        "activity": activity,
        "output": answer.value,
        "start": (end - timedelta(seconds=answer.duration)).isoformat(),
        "status": "failed" if answer.error else "succeeded",
        "end": end.isoformat(),
        "duration": answer.duration,
    }
    return {**run, "exception": [answer.error]} if answer.error else run


@dataclass(slots=True)
class Record:
    """Keeps the runs of each part that has begun and not ended."""

    open: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    journal: dict[str, Any] = field(default_factory=dict)

    def begin(self, level: str) -> None:
        """Note that a part begins."""
        if level == "experiment":
            start = datetime.now(UTC).isoformat()
            self.journal.update(start=start, status="completed", deviated=False)
            self.journal["steady_states"] = {"before": None, "after": None}
        if level != "activity":
            self.open[level] = []

    def end(
        self, level: str, context: dict[str, Any], state: Any, experiment: Any
    ) -> Any:
        """Note that a part ended, and return what controls are told of it."""
        if level == "activity":
            run = state_of(context, state)
            for runs in self.open.values():
                runs.append(run)
            return run
        runs = self.open.pop(level, [])
        if level == "hypothesis":
            return self._judged(runs, met=state == "held")
        if level == "experiment":
            return self._ended(state, experiment)
        self.journal[RUNS[level]] = runs
        return runs

    def judged(self, when: str) -> bool:
        """Tell whether the hypothesis was judged before, or after, the method."""
        return bool(self.journal.get("steady_states", {}).get(when))

    def _judged(self, runs: list[dict[str, Any]], *, met: bool) -> dict[str, Any]:
        judged = {"steady_state_met": met, "probes": runs}
        states = self.journal.setdefault("steady_states", {})
        states["after" if states.get("before") else "before"] = judged
        if states.get("after"):
            self.journal["deviated"] = not met
        return judged

    def _ended(self, status: Any, experiment: Any) -> dict[str, Any]:
        """Return the journal; a run may have ended as something else than completed."""
        if isinstance(status, str) and self.journal.get("status") != "interrupted":
            self.journal["status"] = status
        self.journal["experiment"] = experiment
        self.journal["end"] = datetime.now(UTC).isoformat()
        return self.journal
