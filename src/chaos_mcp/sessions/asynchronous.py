"""A session for asynchronous programs, on asyncio and on trio alike."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from functools import partial
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any, Self

import anyio
import anyio.to_thread

from chaos_mcp.sessions.asked import asked
from chaos_mcp.sessions.asking import ask, compiled, write
from chaos_mcp.sessions.base import Scope
from chaos_mcp.sessions.loop import afinished, done
from chaos_mcp.sessions.methods import Faults
from chaos_mcp.sessions.watch import WHATEVER, Watched, name_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from datetime import timedelta
    from types import TracebackType

    from chaos_mcp.sessions.base import Opened
    from chaos_mcp.sessions.inflicting import Inflicting
    from chaos_mcp.sessions.loop import Loop
    from chaos_mcp.sessions.things import Effect, Part, Proxy


class AsyncSession(Scope, Faults["AsyncFaultBlock"]):
    """Faults as asynchronous context managers; what they did is always taken back."""

    def fault(
        self,
        kind: str,
        *,
        duration: float | str | timedelta | None = None,
        prove: bool = True,
        **arguments: Any,
    ) -> AsyncFaultBlock:
        """Return a fault by its name; it stands while its block runs.

        `name` is whatever the fault is for: a proxy, a process, a container, a path.
        """
        wanted = asked(kind, arguments, duration, prove=prove)
        return AsyncFaultBlock(self._opened.loop, self._inflicting(wanted))

    async def proxy(self, upstream: str, *, name: str = "", listen: str = "") -> Proxy:
        """Put a proxy before `upstream`; it ends with the session."""
        opened = self._opened
        work = opened.core.running.proxy
        proxy = await opened.loop.acall(work, upstream, name, listen)
        self._proxies.append(proxy.name)
        return proxy

    async def system(self, processes: Sequence[Mapping[str, Any]]) -> dict[str, Part]:
        """Start processes, written as under `system: processes:` of an experiment.

        Each is ready before the next is started; they end with the session.
        """
        opened = self._opened
        parts = await opened.loop.acall(opened.core.running.system, processes)
        self._parts += parts
        return parts

    def watch(
        self,
        probe: str | Callable[[], Any],
        *,
        every: float = 1.0,
        expect: Any = WHATEVER,
        at_least: float = 1.0,
        **arguments: Any,
    ) -> AsyncWatch:
        """Ask while the block runs; at its end, raise `NotStable` if it did not hold.

        A function is called here if it is asynchronous, else in a thread; what it
        asserts, or answers, is judged. A name is that of a built-in probe, or of one in
        `probes/`.
        """
        watched = Watched(name_of(probe, arguments), at_least, expect)
        return AsyncWatch(self._opened, watched, probe, arguments, every)

    @asynccontextmanager
    async def scope(self) -> AsyncIterator[AsyncSession]:
        """Yield a session of which all that it has started ends with the block."""
        inner = AsyncSession(self._open)
        try:
            yield inner
        finally:
            await inner.end()

    async def end(self) -> None:
        """End the proxies and processes that were started here, and no others."""
        if ending := self._ending():
            await afinished(ending)


class AsyncFaultBlock:
    """One fault: it stands between entering and leaving."""

    def __init__(self, loop: Loop, inflicting: Inflicting) -> None:
        self._loop = loop
        self._inflicting = inflicting

    @property
    def proven(self) -> bool:
        """Tell whether its effect was seen."""
        return self._inflicting.proven

    async def look(self, within: float = 1.0) -> Effect:
        """Look for its effect for so many seconds, and return how far it has come."""
        return await self._loop.acall(self._inflicting.look, within)

    async def __aenter__(self) -> Self:
        """Inflict it: see `Inflicting.enter` for what is raised."""
        entering = self._loop.soon(self._inflicting.enter)
        try:
            await afinished(entering)
        except BaseException:
            if done(entering):
                await afinished(self._loop.soon(self._inflicting.leave))
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it back, and see it gone; no cancellation comes in between."""
        await afinished(self._loop.soon(self._inflicting.leave, error is None))


class AsyncWatch:
    """Asks in a task of its own while a block runs."""

    def __init__(
        self,
        opened: Opened,
        watched: Watched,
        probe: str | Callable[[], Any],
        arguments: Mapping[str, Any],
        every: float,
    ) -> None:
        self.watched = watched
        self._opened = opened
        self._probe = probe
        self._arguments = arguments
        self._every = every

    async def __aenter__(self) -> Watched:
        """Begin to ask; raise `InvalidExperiment` if there is no such probe."""
        probe = self._probe
        if isinstance(probe, str):
            call = await self._call(compiled, probe, self._arguments)
            self._ask: Callable[[], Any] = partial(self._call, ask, call)
        elif iscoroutinefunction(probe):
            self._ask = probe
        else:
            self._ask = partial(anyio.to_thread.run_sync, probe)
        self._enough = anyio.Event()
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._watch)
        return self.watched

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ask no more; raise `NotStable` unless the block has raised already."""
        self._enough.set()
        if error is not None:
            self._tasks.cancel_scope.cancel()
        # Not told of the block's error, which it would wrap in a group.
        await self._tasks.__aexit__(None, None, None)
        if error is None:
            self.watched.check()

    async def _watch(self) -> None:
        while not self._enough.is_set():
            await self._once()
            with anyio.move_on_after(self._every):
                await self._enough.wait()

    async def _once(self) -> None:
        began, value, problem = time.monotonic(), None, None
        try:
            value = await self._ask()
            if isawaitable(value):  # a lambda that calls an asynchronous function
                value = await value
        except Exception as error:  # noqa: BLE001 - an activity's capture
            problem = error
        answer = self.watched.took(began, value, problem)
        await self._call(write, self.watched.name, answer)

    async def _call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        opened = self._opened
        return await opened.loop.acall(work, opened.core, *arguments)
