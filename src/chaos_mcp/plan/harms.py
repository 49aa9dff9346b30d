"""Faults of a plan: made and checked, with what they touch and when they come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import ValidationError

from chaos_mcp.adapters.world import Bounds
from chaos_mcp.errors import FaultRefused
from chaos_mcp.experiment.mistakes import mistakes_of, nearest
from chaos_mcp.plan.model import Harm
from chaos_mcp.plan.questions import compile_question

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.model import BlastRadius, FaultCall
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.faults.base import Fault
    from chaos_mcp.plan.calls import Calls


DECLARED: Mapping[str, tuple[KeyPath, ...]] = {
    "proxy": (("system", "proxies", 0), ("system", "toxiproxy", "url")),
    "process": (("system", "processes", 0),),
}
"""Where an experiment says which targets of a kind there are."""
ADVICE: Mapping[str, str] = {
    "proxy": "declare it under `system: proxies:`, or name a Toxiproxy that has it "
    "by CHAOS_TOXIPROXY_URL",
    "process": "declare it under `system: processes:`, or give its `pid`",
}


class Hit(NamedTuple):
    """What a fault would touch, and for how long."""

    name: str
    targets: tuple[str, ...]
    hold: float | None


@dataclass(slots=True)
class Harms:
    """Makes faults of entries; numbers them, and draws whether they come."""

    calls: Calls
    proxies: tuple[str, ...]
    """The proxies that the experiment declares."""
    processes: tuple[str, ...]
    """The processes that it declares."""
    listens: Mapping[str, str]
    """Where each of those proxies listens."""
    foreign: bool
    """Whether there may be others, on a Toxiproxy that runs already."""
    allowed: bool
    """Whether faults that cannot be undone may be injected."""
    chance: random.Random
    seed: int = 0
    most: int | None = None
    """How many targets the blast radius allows."""
    bounds: Bounds = field(default_factory=Bounds)
    count: int = 0
    hits: list[Hit] = field(default_factory=list)
    """What the faults would touch, those with wrong arguments among them."""

    def compile(self, written: FaultCall, path: KeyPath) -> Harm | None:
        """Return the fault that an entry stands for; None if it is wrong."""
        self.count += 1
        drawn = self.chance.random()
        cls = self.calls.find("fault", written.fault, path)
        fault = cls and self.calls.model(cls, written.arguments, path)
        prove = written.prove and compile_question(
            self.calls, written.prove, (*path, "prove")
        )
        if cls is None:
            return None
        targets = self._hits(cls, fault, written, path)
        if fault is None:
            return None
        self._check_late(fault, written, path)
        if problem := fault.unfit(self.listens):
            self.calls.mistake(problem, (*path, "fault"))
        return Harm(
            id=f"{self.count}-{written.fault}",
            name=written.name or written.fault,
            kind=written.fault,
            make=_maker(cls, written.arguments),
            undo_in_words=cls.undo_in_words,
            targets=targets,
            at=written.at,
            hold=written.for_,
            probability=written.probability,
            chance=self._chance(),
            most=self.most,
            drawn=drawn,
            prove=prove or None,
        )

    def _chance(self) -> str:
        """Return what the fault that is being compiled draws its targets by."""
        return f"{self.seed}-{self.count}"

    def _hits(
        self,
        cls: type[Fault],
        fault: Fault | None,
        written: FaultCall,
        path: KeyPath,
    ) -> tuple[str, ...]:
        """Return what would be touched, and count it for the blast radius."""
        targets = self._targets(fault, path) if fault else self._said(cls, written)
        self._check(cls, fault, path)
        hit = tuple(one for one in targets if self._exists(one, path))
        self.hits.append(Hit(written.name or written.fault, hit, written.for_))
        return targets

    def _targets(self, fault: Fault, path: KeyPath) -> tuple[str, ...]:
        """Return what a fault would touch; a mistake lists what must not be."""
        if not fault.chooses():
            return fault.targets()
        from chaos_mcp.adapters.world import World  # noqa: PLC0415 - only to look

        try:
            chance = self._chance()
            return fault.foresee(
                World(chance=chance, most=self.most, bounds=self.bounds)
            )
        except FaultRefused as error:
            self.calls.mistake(str(error), path)
            return fault.targets()

    def _said(self, cls: type[Fault], written: FaultCall) -> tuple[str, ...]:
        """Return the targets of a fault whose other arguments are wrong."""
        given = {key: written.arguments.get(key) for key in DECLARED}
        named = {key: self.calls.scope.resolve(name) for key, name in given.items()}
        return tuple(
            f"{key}:{name}"
            for key, name in named.items()
            if key in cls.model_fields and isinstance(name, str)
        )

    def _check(self, cls: type[Fault], fault: Fault | None, path: KeyPath) -> None:
        lasting = not cls.reversible and "this fault cannot be undone"
        if (problem := fault.lasting() if fault else lasting) and not self.allowed:
            hint = "say `irreversible: true` and run with --allow-irreversible"
            misses = [("irreversible",)]
            self.calls.mistake(problem, (*path, "fault"), hint, misses=misses)

    def _check_late(self, fault: Fault, written: FaultCall, path: KeyPath) -> None:
        for key in fault.late().keys() & written.arguments.keys():
            problem = "this follows from the other keys; leave it out"
            self.calls.mistake(problem, (*path, key))

    def _exists(self, target: str, path: KeyPath) -> bool:
        """Tell whether a target may be there; it is a mistake if it is not."""
        kind, _, name = target.partition(":")
        names = {"proxy": self.proxies, "process": self.processes}.get(kind)
        if names is None or name in names or (kind == "proxy" and self.foreign):
            return True
        problem, hint = f"no {kind} is called {name!r}", nearest(name, names)
        misses = DECLARED[kind]
        self.calls.mistake(problem, (*path, kind), hint or ADVICE[kind], misses=misses)
        return False


def _maker(cls: type[Fault], arguments: dict[str, Any]) -> Callable[[Scope], Fault]:
    def make(scope: Scope) -> Fault:
        try:
            fault = cls.model_validate(scope.resolve(arguments))
            every = {**arguments, **fault.late()}
            return cls.model_validate(scope.resolve(every))
        except ValidationError as error:
            wrong = "; ".join(str(one) for one in mistakes_of(error, arguments))
            raise FaultRefused(wrong) from error

    return make


def check_radius(calls: Calls, radius: BlastRadius, hits: Sequence[Hit]) -> None:
    """Note what goes beyond the blast radius, listing what would be hit."""
    targets = sorted({target for hit in hits for target in hit.targets})
    listed = ", ".join(targets)
    if radius.max_targets is not None and len(targets) > radius.max_targets:
        problem = f"{len(targets)} targets would be hit: {listed}"
        calls.mistake(problem, ("blast-radius", "max-targets"))
    strangers = [one for one in targets if one.partition(":")[2] not in radius.targets]
    if radius.targets and strangers:
        problem = f"these may not be hit: {', '.join(strangers)}"
        calls.mistake(problem, ("blast-radius", "targets"))
    for hit in hits:
        if radius.max_duration is not None and (hit.hold or 0) > radius.max_duration:
            problem = f"{hit.name} would stand for {hit.hold:g} s"
            calls.mistake(problem, ("blast-radius", "max-duration"))
