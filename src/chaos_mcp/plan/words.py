"""A plan in words: what will be started, asked, inflicted, and how it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.plan.model import Deed, Guard, Harm, Question, TrafficGuard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.plan.model import Plan, Step


def describe(plan: Plan) -> str:
    """Return the plan as text; nothing has been touched to make it."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield plan.experiment.title
    yield f"  file {plan.loaded.file}, seed {plan.seed}"
    yield from _system(plan)
    for one in plan.workloads:
        yield f"traffic      {one.name}: {one.rate:g}/s, deadline {one.deadline:g} s"
    for question in plan.hypothesis:
        times = ", ".join(question.when)
        yield f"hypothesis   {question.call.name} {question.expected} ({times})"
    for guard in plan.safeguards:
        yield f"safeguard    {_guard(guard)}"
    yield f"baseline     {plan.timing.baseline:g} s"
    for step in plan.steps:
        yield from _step(step)
    if plan.timing.recovery is not None:
        yield f"recovery     within {plan.timing.recovery:g} s"
    for step in plan.rollbacks:
        yield f"rollback     {step.call.name}: {step.call.words}"
    yield "nothing was run"


def _system(plan: Plan) -> Iterator[str]:
    system = plan.experiment.system
    if plan.toxiproxy:
        yield f"proxies by   Toxiproxy at {plan.toxiproxy}"
    for proxy in system.proxies if system else ():
        yield f"proxy        {proxy.name} to {proxy.upstream}"
    for process in system.processes if system else ():
        yield f"process      {process.name}: {' '.join(process.command)}"
    for container in system.containers if system else ():
        image = container.image or "programs of this machine"
        words = f"{' '.join(container.command)} ({image})"
        yield f"container    {container.name}: {words}"


def _guard(guard: Guard | TrafficGuard) -> str:
    if isinstance(guard, Guard):
        expected = guard.question.expected
        return f"{guard.name}: {expected} (every {guard.every:g} s)"
    rules = []
    if guard.limit is not None:
        rules.append(f"failures of {guard.workload} at most {guard.limit:.0%}")
    if guard.in_a_row is not None:
        rules.append(f"never {guard.in_a_row} failures in a row")
    return f"{guard.name}: {', '.join(rules)}"


def _step(step: Step) -> Iterator[str]:
    match step:
        case Harm():
            yield f"fault        {step.name} ({step.kind}) {_when(step)}"
            yield f"             hits  {', '.join(step.targets) or 'nothing'}"
            yield f"             undo  {step.undo_in_words}"
        case Deed():
            yield f"action       {step.call.name}: {step.call.words}"
        case Question():
            yield f"probe        {step.call.name}: {step.call.words}"


def _when(harm: Harm) -> str:
    if harm.skipped:
        return f"left out: drew {harm.drawn:.3f}, probability {harm.probability:g}"
    begin = "in turn" if harm.at is None else f"at {harm.at:g} s"
    held = "to the end" if harm.hold is None else f"for {harm.hold:g} s"
    return f"{begin}, {held}"
