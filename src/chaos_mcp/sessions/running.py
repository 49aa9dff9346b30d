"""Processes and proxies of a session: started when asked for, ended one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from chaos_mcp import project
from chaos_mcp.engine import part, proxies
from chaos_mcp.engine.processes import Parts, reserve
from chaos_mcp.errors import ChaosError, InvalidExperiment
from chaos_mcp.experiment.mistakes import mistakes_of
from chaos_mcp.experiment.model import Process
from chaos_mcp.plan.calls import Calls
from chaos_mcp.plan.questions import compile_question
from chaos_mcp.registry import Registry
from chaos_mcp.sessions.things import Part, Proxy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AsyncExitStack

    from chaos_mcp.adapters.world import Proxies
    from chaos_mcp.sessions.core import Core

ANY = "127.0.0.1:0"


class Running:
    """What a session has started; named, so that faults can say it."""

    def __init__(self, core: Core, stack: AsyncExitStack) -> None:
        self.core = core
        self.stack = stack
        self.home = project.find(Path.cwd())
        self.registry = Registry(self.home)
        self.server: Proxies | None = None
        self.proxies: dict[str, Proxy] = {}
        self.parts = Parts({}, core.activities, self.home.root, core.folder, core.tasks)

    async def proxy(self, upstream: str, name: str, listen: str) -> Proxy:
        """Make a proxy; raise `ChaosError` if there is one of that name."""
        self.core.alive()
        name = name or f"proxy-{len(self.proxies) + 1}"
        if name in self.proxies:
            raise ChaosError(f"the session has a proxy called {name!r} already")
        server = await self.serve()
        journal = self.core.journal
        at = await proxies.make(server, name, upstream, listen or ANY, journal)
        self._know(proxies.addresses(f"proxy.{name}", at, "listen"))
        self.proxies[name] = made = Proxy(name, at, upstream)
        return made

    async def serve(self) -> Proxies:
        """Return the proxy server, started when first asked for."""
        if self.server is None:
            core = self.core
            served = proxies.server(
                core.settings.server, core.seed, core.journal, core.guardian.lifeline
            )
            self.server = await self.stack.enter_async_context(served)
            world = replace(core.activities.world, proxies=self.server)
            core.activities.world = world
            core.injections.world = replace(core.injections.world, proxies=self.server)
        return self.server

    async def system(self, written: Sequence[Mapping[str, Any]]) -> dict[str, Part]:
        """Start processes, each ready before the next."""
        self.core.alive()
        specs = [_process(one, number) for number, one in enumerate(written)]
        self._know(reserve(tuple(spec.name for spec in specs)))
        core = self.core
        core.injections.world = replace(core.injections.world, system=self.parts)
        return {spec.name: await self._start(spec) for spec in specs}

    async def _start(self, spec: Process) -> Part:
        if spec.name in self.parts.started:
            raise ChaosError(f"the session has a process called {spec.name!r} already")
        calls = Calls(self.registry, self.core.activities.scope)
        question = spec.ready and compile_question(calls, spec.ready, ("ready",))
        if calls.mistakes:
            raise InvalidExperiment(calls.mistakes)
        ready = {spec.name: question} if question else {}
        self.parts.ready = {**self.parts.ready, **ready}
        try:
            await self.parts.start(spec)
        except BaseException:
            await self.end([spec.name], [])
            raise
        scope = self.core.activities.scope
        address = str(scope.resolve(f"${{{spec.name}.address}}"))
        return Part(spec.name, address, self.parts.started[spec.name].child.pid)

    async def end(self, parts: Sequence[str], made: Sequence[str]) -> None:
        """End processes and remove proxies, the last one first."""
        journal = self.core.journal
        for name in reversed(parts):
            if started := self.parts.started.pop(name, None):
                await part.stop(started, journal)
        for name in reversed(made):
            if self.server and self.proxies.pop(name, None):
                await proxies.remove(self.server, name, journal)

    async def end_all(self) -> None:
        """End everything."""
        await self.end([*self.parts.started], [*self.proxies])

    def _know(self, names: Mapping[str, Any]) -> None:
        activities = self.core.activities
        activities.scope = activities.scope.knowing(names)


def _process(written: Mapping[str, Any], number: int) -> Process:
    data = {**written}
    if isinstance(data.get("command"), list):
        data["command"] = [str(word) for word in data["command"]]
    try:
        return Process.model_validate(data)
    except ValidationError as error:
        raise InvalidExperiment(mistakes_of(error, data, ("system", number))) from error
