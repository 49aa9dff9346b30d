"""A session for programs that are not asynchronous."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from chaos_mcp.sessions.asked import asked
from chaos_mcp.sessions.asking import ask, compiled, write
from chaos_mcp.sessions.base import Scope
from chaos_mcp.sessions.loop import done, finished
from chaos_mcp.sessions.methods import Faults
from chaos_mcp.sessions.watch import WHATEVER, Watched, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from types import TracebackType

    from chaos_mcp.sessions.base import Opened
    from chaos_mcp.sessions.core import Core
    from chaos_mcp.sessions.inflicting import Inflicting
    from chaos_mcp.sessions.loop import Loop
    from chaos_mcp.sessions.things import Effect, Part, Proxy


class Session(Scope, Faults["FaultBlock"]):
    """Faults as context managers; whatever happens, what they did is taken back."""

    def fault(
        self,
        kind: str,
        *,
        duration: float | str | timedelta | None = None,
        prove: bool = True,
        **arguments: Any,
    ) -> FaultBlock:
        """Return a fault by its name; it stands while its block runs.

        `name` is whatever the fault is for: a proxy, a process, a container, a path.
        """
        wanted = asked(kind, arguments, duration, prove=prove)
        return FaultBlock(self._opened.loop, self._inflicting(wanted))

    def proxy(self, upstream: str, *, name: str = "", listen: str = "") -> Proxy:
        """Put a proxy before `upstream`; it ends with the session."""
        opened = self._opened
        proxy = opened.loop.call(opened.core.running.proxy, upstream, name, listen)
        self._proxies.append(proxy.name)
        return proxy

    def system(self, processes: Sequence[Mapping[str, Any]]) -> dict[str, Part]:
        """Start processes, written as under `system: processes:` of an experiment.

        Each is ready before the next is started; they end with the session.
        """
        opened = self._opened
        parts = opened.loop.call(opened.core.running.system, processes)
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
    ) -> Watch:
        """Ask while the block runs; at its end, raise `NotStable` if it did not hold.

        A function is called in a thread of its own; what it asserts, or answers, is
        judged. A name is that of a built-in probe, or of one in `probes/`.
        """
        watched = Watched(name_of(probe, arguments), at_least, expect)
        return Watch(self._opened, watched, probe, arguments, every)

    @contextmanager
    def scope(self) -> Iterator[Session]:
        """Yield a session of which all that it has started ends with the block."""
        inner = Session(self._open)
        try:
            yield inner
        finally:
            inner.end()

    def end(self) -> None:
        """End the proxies and processes that were started here, and no others."""
        if ending := self._ending():
            finished(ending)


class FaultBlock:
    """One fault: it stands between entering and leaving."""

    def __init__(self, loop: Loop, inflicting: Inflicting) -> None:
        self._loop = loop
        self._inflicting = inflicting

    @property
    def proven(self) -> bool:
        """Tell whether its effect was seen."""
        return self._inflicting.proven

    def look(self, within: float = 1.0) -> Effect:
        """Look for its effect for so many seconds, and return how far it has come."""
        return self._loop.call(self._inflicting.look, within)

    def __enter__(self) -> Self:
        """Inflict it: see `Inflicting.enter` for what is raised."""
        entering = self._loop.soon(self._inflicting.enter)
        try:
            finished(entering)
        except BaseException:
            if done(entering):
                finished(self._loop.soon(self._inflicting.leave))
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it back, and see it gone."""
        finished(self._loop.soon(self._inflicting.leave, error is None))


class Watch:
    """Asks in a thread of its own while a block runs."""

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
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watched:
        """Begin to ask; raise `InvalidExperiment` if there is no such probe."""
        if isinstance(self._probe, str):
            call = self._call(compiled, self._probe, self._arguments)
            self._ask: Callable[[], Any] = partial(self._call, ask, call)
        else:
            self._ask = self._probe
        self._thread.start()
        return self.watched

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ask no more; raise `NotStable` unless the block has raised already."""
        self._enough.set()
        self._thread.join()
        if error is None:
            self.watched.check()

    def _watch(self) -> None:
        while True:
            began, value, problem = time.monotonic(), None, None
            try:
                value = self._ask()
            except Exception as error:  # noqa: BLE001 - an activity's capture
                problem = error
            answer = self.watched.took(began, value, problem)
            self._call(write, self.watched.name, answer)
            if self._enough.wait(self._every):
                return

    def _call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        core: Core = self._opened.core
        return self._opened.loop.call(work, core, *arguments)
