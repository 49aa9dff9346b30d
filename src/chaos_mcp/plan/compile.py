"""Experiment to plan: everything checked at once, and nothing touched."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from chaos_mcp.experiment.mistakes import mistakes_of
from chaos_mcp.experiment.model import (
    Activity,
    FaultCall,
    ProbeCall,
    System,
)
from chaos_mcp.plan.calls import Calls
from chaos_mcp.plan.harms import Harms, check_radius
from chaos_mcp.plan.model import (
    Deed,
    Harm,
    Plan,
    Question,
    bounds_of,
)
from chaos_mcp.plan.questions import ALWAYS, compile_question
from chaos_mcp.plan.safeguards import Safeguards
from chaos_mcp.plan.settings import settings_of, timing_of, traffic_of
from chaos_mcp.terms import TOXIPROXY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.load import Loaded
    from chaos_mcp.experiment.model import Experiment
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.plan.model import Call, Step
    from chaos_mcp.project import Project
    from chaos_mcp.registry import Registry
    from chaos_mcp.terms import When

TOOLKIT_TIMES: tuple[When, ...] = ("before", "after")
"""When Chaos Toolkit judges the hypothesis."""


def compile_plan(
    loaded: Loaded,
    registry: Registry,
    project: Project,
    seed: int,
    *,
    allow_irreversible: bool = False,
) -> Plan:
    """Return the plan of an experiment; raise `InvalidExperiment` with all mistakes."""
    compiler = _Compiler(loaded, registry, seed, allow_irreversible=allow_irreversible)
    plan = compiler.plan(project)
    loaded.refuse(compiler.calls.mistakes)
    return plan


class _Compiler:
    """Goes through an experiment once."""

    def __init__(
        self, loaded: Loaded, registry: Registry, seed: int, *, allow_irreversible: bool
    ) -> None:
        self.loaded = loaded
        self.seed = seed
        self.written = written = loaded.experiment
        self.toolkit = written.dialect == "chaostoolkit"
        self.calls = Calls(registry, _sample(loaded.scope))
        self.toxiproxy = _toxiproxy(written)
        system = written.system or System()
        self.harms = Harms(
            self.calls,
            proxies=tuple(proxy.name for proxy in system.proxies),
            processes=tuple(process.name for process in system.processes),
            listens={proxy.name: proxy.listen for proxy in system.proxies},
            foreign=bool(self.toxiproxy),
            allowed=written.irreversible and allow_irreversible,
            chance=random.Random(seed),  # noqa: S311 - repeatable
            seed=seed,
            most=written.blast_radius.max_targets,
            bounds=bounds_of(written.blast_radius),
        )

    def _check_sockets(self) -> None:
        """Note what a Toxiproxy of somebody else's cannot do."""
        system = self.written.system or System()
        for index, proxy in enumerate(system.proxies if self.toxiproxy else ()):
            for key in ("listen", "upstream"):
                if getattr(proxy, key).startswith(("udp://", "unix:/")):
                    problem = "only the embedded proxy has datagrams and Unix sockets"
                    self.calls.mistake(problem, ("system", "proxies", index, key))

    def plan(self, project: Project) -> Plan:
        written = self.written
        self._check_sockets()
        steps = tuple(self._steps())
        harms = [step for step in steps if isinstance(step, Harm)]
        check_radius(self.calls, written.blast_radius, self.harms.hits)
        return Plan(
            loaded=self.loaded,
            project=project,
            seed=self.seed,
            hypothesis=tuple(self._hypothesis()),
            safeguards=tuple(Safeguards(self.calls, written).compile()),
            steps=steps,
            rollbacks=tuple(self._rollbacks()),
            workloads=tuple(traffic_of(one) for one in written.workload),
            timing=timing_of(written),
            settings=settings_of(written, harms),
            scope=self.loaded.scope,
            proxied=bool(self.harms.proxies) or bool(self.toxiproxy),
            toxiproxy=self.toxiproxy,
            dynamic=dict(self._dynamic()),
            ready=dict(self._ready()),
        )

    def _hypothesis(self) -> Iterator[Question]:
        hypothesis = self.written.hypothesis
        for index, probe in enumerate(hypothesis.probes if hypothesis else ()):
            path: KeyPath = ("steady-state-hypothesis", "probes", index)
            if not getattr(probe, "judged", False):
                key = "tolerance" if isinstance(probe, Activity) else "expect"
                problem = f"a probe of the hypothesis needs `{key}`"
                self.calls.mistake(problem, path, misses=[(*path, key)])
            when = (hypothesis.when if hypothesis else None) or self._times()
            every = hypothesis.every if hypothesis else 1.0
            question = compile_question(self.calls, probe, path, when, every)
            if question:
                yield question

    def _times(self) -> tuple[When, ...]:
        return TOOLKIT_TIMES if self.toolkit else ALWAYS

    def _steps(self) -> Iterator[Step]:
        for index, entry in enumerate(self.written.perturbations):
            path: KeyPath = ("perturbations", index)
            step: Step | None
            if isinstance(entry, FaultCall):
                step = self.harms.compile(entry, path)
            else:
                step = self._activity(entry, path)
            if step:
                yield step

    def _rollbacks(self) -> Iterator[Question | Deed]:
        for index, entry in enumerate(self.written.rollbacks):
            step = self._activity(entry, ("rollbacks", index))
            if step:
                yield step

    def _activity(self, entry: Any, path: KeyPath) -> Question | Deed | None:
        if isinstance(entry, ProbeCall) or getattr(entry, "type", "") == "probe":
            return compile_question(self.calls, entry, path)
        call = self.calls.compile(entry, path)
        return Deed(call, entry.background) if call else None

    def _dynamic(self) -> Iterator[tuple[str, Call]]:
        for key, entry in self.loaded.late.items():
            path: KeyPath = ("configuration", key)
            try:
                activity = Activity.model_validate({"name": key, **entry})
            except ValidationError as error:
                self.calls.mistakes.extend(mistakes_of(error, entry, path))
                continue
            call = self.calls.compile(activity, path)
            if call:
                yield key, call

    def _ready(self) -> Iterator[tuple[str, Question]]:
        system = self.written.system
        for sort in ("processes", "containers"):
            for index, part in enumerate(getattr(system, sort, ())):
                path: KeyPath = ("system", sort, index, "ready")
                question = part.ready and compile_question(self.calls, part.ready, path)
                if question:
                    yield part.name, question


def _sample(scope: Scope) -> Scope:
    """Return a scope in which late names have a value of the right kind."""
    return scope.knowing({name: _example(name) for name in scope.late})


def _example(name: str) -> Any:
    kind = name.rpartition(".")[2]
    examples = {
        "port": 1,
        "address": "127.0.0.1:1",
        "listen": "127.0.0.1:1",
        "inside": "127.0.0.1:1",
        "dir": f"${{{name}}}",
    }
    return examples.get(kind, "127.0.0.1" if kind == "host" else "0")


def _toxiproxy(written: Experiment) -> str:
    system = written.system
    if system and system.toxiproxy:
        return system.toxiproxy.url
    return os.environ.get(TOXIPROXY, "")
