"""Safeguards as the plan has them: on what a probe says, or on a workload."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chaos_mcp.experiment.mistakes import NO_SUCH_KEY, nearest
from chaos_mcp.experiment.model import Activity, ProbeCall
from chaos_mcp.plan.model import Guard, TrafficGuard
from chaos_mcp.plan.questions import compile_question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.errors import KeyPath, Mistake
    from chaos_mcp.experiment.model import Experiment, Limits
    from chaos_mcp.plan.calls import Calls


@dataclass(frozen=True, slots=True)
class Safeguards:
    """Compiles those of an experiment."""

    calls: Calls
    written: Experiment

    def compile(self) -> Iterator[Guard | TrafficGuard]:
        """Give each safeguard; note what is wrong with one, and go on."""
        for index, entry in enumerate(self.written.safeguards):
            path: KeyPath = ("safeguards", index)
            guard = (
                self._on_traffic(entry, path)
                if entry.workload
                else self._on_probe(entry, path)
            )
            if guard:
                yield guard

    def _on_traffic(self, entry: Limits, path: KeyPath) -> TrafficGuard | None:
        names = [workload.name for workload in self.written.workload]
        for key in entry.arguments:
            self.calls.mistake("there is no such key", (*path, key))
        if entry.workload not in names:
            problem = f"no workload is called {entry.workload!r}"
            hint = nearest(str(entry.workload), names)
            where, misses = (*path, "workload"), [("workload", 0)]
            self.calls.mistake(problem, where, hint, misses=misses)
            return None
        return TrafficGuard(
            name=entry.name or f"failures of {entry.workload}",
            workload=entry.workload,
            limit=entry.max_failure_rate,
            alpha=1 - entry.confidence,
            in_a_row=entry.in_a_row,
        )

    def _on_probe(self, entry: Limits, path: KeyPath) -> Guard | None:
        probe = _probe_of(entry)
        before = len(self.calls.mistakes)
        question = compile_question(self.calls, probe, path)
        if not probe.judged and not _misspelt(self.calls.mistakes[before:], path):
            key = "tolerance" if entry.provider else "expect"
            problem = f"a safeguard needs `{key}`"
            self.calls.mistake(problem, path, misses=[(*path, key)])
        if question is None:
            return None
        if question.call.timeout is None:
            # A safeguard that waits for ever is none.
            question = replace(question, call=replace(question.call, timeout=5.0))
        return Guard(question.call.name, question, entry.every)


def _misspelt(mistakes: list[Mistake], path: KeyPath) -> bool:
    """Tell whether an argument of a probe may be one of our keys, misspelt."""
    return any(
        one.path == path or (one.path[:-1] == path and one.problem == NO_SUCH_KEY)
        for one in mistakes
    )


def _probe_of(entry: Limits) -> Any:
    """Return a safeguard as the probe that it asks."""
    name = entry.name or entry.probe or "safeguard"
    key = "tolerance" if entry.provider else "expect"
    judged = {key: getattr(entry, key)} if key in entry.model_fields_set else {}
    if entry.provider:
        return Activity(type="probe", name=name, provider=entry.provider, **judged)
    timeout = None if entry.timeout is None else f"{entry.timeout}s"
    own = {"probe": str(entry.probe), "name": name, "timeout": timeout}
    return ProbeCall.model_validate({**own, **judged, **entry.arguments})
