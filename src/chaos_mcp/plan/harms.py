"""Faults of a plan: made and checked, with what they touch and when they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from chaos_mcp.errors import FaultRefused
from chaos_mcp.experiment.mistakes import mistakes_of, nearest
from chaos_mcp.plan.model import Harm
from chaos_mcp.plan.questions import compile_question

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.model import BlastRadius, FaultCall
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.faults.base import Fault
    from chaos_mcp.plan.calls import Calls


@dataclass(slots=True)
class Harms:
    """Makes faults of entries; numbers them, and draws whether they come."""

    calls: Calls
    proxies: tuple[str, ...]
    """The proxies that the experiment declares."""
    processes: tuple[str, ...]
    """The processes that it declares."""
    foreign: bool
    """Whether there may be others, on a Toxiproxy that runs already."""
    allowed: bool
    """Whether faults that cannot be undone may be injected."""
    chance: random.Random
    count: int = 0

    def compile(self, written: FaultCall, path: KeyPath) -> Harm | None:
        """Return the fault that an entry stands for; None if it is wrong."""
        self.count += 1
        drawn = self.chance.random()
        cls = self.calls.find("fault", written.fault, path)
        if cls is None:
            return None
        fault = self.calls.model(cls, written.arguments, path)
        prove = written.prove and compile_question(
            self.calls, written.prove, (*path, "prove")
        )
        if fault is None:
            return None
        self._check(cls, fault, path)
        self._check_late(fault, written, path)
        return Harm(
            id=f"{self.count}-{written.fault}",
            name=written.name or written.fault,
            kind=written.fault,
            make=_maker(cls, written.arguments),
            undo_in_words=cls.undo_in_words,
            targets=fault.targets(),
            at=written.at,
            hold=written.for_,
            probability=written.probability,
            drawn=drawn,
            prove=prove or None,
        )

    def _check(self, cls: type[Fault], fault: Fault, path: KeyPath) -> None:
        if not cls.reversible and not self.allowed:
            hint = "say `irreversible: true` and run with --allow-irreversible"
            self.calls.mistake("this fault cannot be undone", (*path, "fault"), hint)
        for target in fault.targets():
            kind, _, name = target.partition(":")
            if kind == "proxy":
                self._check_proxy(name, (*path, "proxy"))
            elif kind == "process" and name not in self.processes:
                hint = nearest(name, self.processes) or (
                    "declare it under `system: processes:`, or give its `pid`"
                )
                problem = f"no process is called {name!r}"
                self.calls.mistake(problem, (*path, "process"), hint)

    def _check_late(self, fault: Fault, written: FaultCall, path: KeyPath) -> None:
        for key in fault.late().keys() & written.arguments.keys():
            problem = "this follows from the other keys; leave it out"
            self.calls.mistake(problem, (*path, key))

    def _check_proxy(self, name: str, path: KeyPath) -> None:
        if self.foreign or name in self.proxies:
            return
        hint = nearest(name, self.proxies) or (
            "declare it under `system: proxies:`, or name a Toxiproxy that has it "
            "by CHAOS_TOXIPROXY_URL"
        )
        self.calls.mistake(f"no proxy is called {name!r}", path, hint)


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


def check_radius(calls: Calls, radius: BlastRadius, harms: Iterable[Harm]) -> None:
    """Note what goes beyond the blast radius, listing what would be hit."""
    faults = list(harms)
    targets = sorted({target for harm in faults for target in harm.targets})
    listed = ", ".join(targets)
    if radius.max_targets is not None and len(targets) > radius.max_targets:
        problem = f"{len(targets)} targets would be hit: {listed}"
        calls.mistake(problem, ("blast-radius", "max-targets"))
    strangers = [one for one in targets if one.partition(":")[2] not in radius.targets]
    if radius.targets and strangers:
        problem = f"these may not be hit: {', '.join(strangers)}"
        calls.mistake(problem, ("blast-radius", "targets"))
    for harm in faults:
        if radius.max_duration is not None and (harm.hold or 0) > radius.max_duration:
            problem = f"{harm.name} would stand for {harm.hold:g} s"
            calls.mistake(problem, ("blast-radius", "max-duration"))
