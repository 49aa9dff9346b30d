"""The system under test, where the run starts it: proxies, containers, processes."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from subprocess import PIPE
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ActivityFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from chaos_mcp.adapters.world import World
    from chaos_mcp.engine.activity import Activities
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.plan.model import Plan


@asynccontextmanager
async def open_system(
    plan: Plan, activities: Activities, folder: Path, lifeline: int = PIPE
) -> AsyncIterator[World]:
    """Start what the experiment declares, yield the world, and end all of it.

    The names of what runs are in `activities.scope` from then on.
    """
    system = plan.experiment.system
    specs = system.processes if system else ()
    containers = system.containers if system else ()
    activities.scope = await _configured(plan, activities)
    if not specs and not containers and not plan.proxied:
        yield activities.world
        return
    from chaos_mcp.engine.processes import (  # noqa: PLC0415 - only where some are
        processes,
        reserve,
    )

    names = [one.name for one in specs] + [one.name for one in containers]
    reserved = reserve(names)
    activities.scope = activities.scope.knowing(reserved)
    async with AsyncExitStack() as stack:
        if plan.proxied:
            await _enter_proxies(stack, plan, activities, lifeline)
        if containers:
            await _enter_containers(stack, plan, activities, folder)
        parts = await stack.enter_async_context(
            processes(specs, plan.ready, activities, plan.project.root, folder)
        )
        activities.world = replace(activities.world, system=parts)
        yield activities.world


async def _configured(plan: Plan, activities: Activities) -> Scope:
    """Ask the probes that give configuration; an answer that fails ends the run."""
    values = {}
    for key, call in plan.dynamic.items():
        answer = await activities.timed(call)
        if answer.error:
            raise ActivityFailed(f"configuration.{key}: {answer.error}")
        values[key] = _configuration_of(answer.value)
    scope = activities.scope.knowing(values)
    return replace(scope, configuration={**scope.configuration, **values})


def _configuration_of(value: Any) -> Any:
    """Return what Chaos Toolkit takes of an answer: standard output, or the body."""
    if isinstance(value, dict) and "stdout" in value:
        return str(value["stdout"]).strip()
    if isinstance(value, dict) and "body" in value:
        return value["body"]
    return value


async def _enter_containers(
    stack: AsyncExitStack, plan: Plan, activities: Activities, folder: Path
) -> None:
    from chaos_mcp.engine.containers import containers  # noqa: PLC0415 - as above

    await stack.enter_async_context(containers(plan, activities, folder))


async def _enter_proxies(
    stack: AsyncExitStack, plan: Plan, activities: Activities, lifeline: int
) -> None:
    from chaos_mcp.engine.proxies import proxied, server  # noqa: PLC0415 - as above

    system = plan.experiment.system
    proxies = await stack.enter_async_context(
        server(plan.toxiproxy, plan.seed, activities.journal, lifeline)
    )
    activities.world = replace(activities.world, proxies=proxies)
    names = await stack.enter_async_context(
        proxied(
            proxies,
            system.proxies if system else (),
            activities.scope,
            activities.journal,
        )
    )
    activities.scope = activities.scope.knowing(names)
