"""What the two faces of a session share: how it is opened, ended, and what it made."""

from __future__ import annotations

import atexit
from contextlib import suppress
from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError
from chaos_mcp.sessions.core import Core
from chaos_mcp.sessions.inflicting import Inflicting
from chaos_mcp.sessions.loop import Loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from chaos_mcp.engine.spare import Spare
    from chaos_mcp.events import Event
    from chaos_mcp.sessions.asked import Asked
    from chaos_mcp.sessions.settings import Settings


class Opened:
    """A session that is open, in its thread."""

    def __init__(self, settings: Settings, spare: Spare | None = None) -> None:
        """Start the thread; `ready` is done once the session is open."""
        self.loop = Loop()
        self.core = self.loop.call(_core, settings, spare)
        self._life = self.loop.soon(self.core.live)
        self.ready = self.loop.soon(self.core.open)
        atexit.register(self._at_exit)

    def closing(self) -> Future[None]:
        """Begin to take everything back."""
        atexit.unregister(self._at_exit)
        return self.loop.soon(self.core.close)

    def _at_exit(self) -> None:
        """Take everything back, if the program ends without that."""
        if not self.loop.elsewhere:
            with suppress(ChaosError):
                self.loop.call(self.core.close)


async def _core(settings: Settings, spare: Spare | None) -> Core:
    return Core(settings, spare)


class Scope:
    """A part of a session, which ends what was started in it."""

    def __init__(self, opened: Callable[[], Opened]) -> None:
        """Open nothing yet: `opened` gives the session when it is needed."""
        self._open = opened
        self._faults: list[Inflicting] = []
        self._parts: list[str] = []
        self._proxies: list[str] = []

    @property
    def _opened(self) -> Opened:
        return self._open()

    @property
    def run(self) -> str:
        """Return the session's id, as `chaos status` and `chaos report` know it."""
        return self._opened.core.run

    @property
    def folder(self) -> Path:
        """Return where its journal is."""
        return self._opened.core.folder

    @property
    def events(self) -> tuple[Event, ...]:
        """Return all that has happened so far, in order."""
        return tuple(self._opened.core.journal.events)

    def _inflicting(self, wanted: Asked) -> Inflicting:
        """Return a fault that ends with this part of the session, if not before."""
        made = Inflicting(self._opened.core, wanted)
        self._faults = [one for one in self._faults if one.standing] + [made]
        return made

    def _ending(self) -> Future[None] | None:
        """Begin to end what was started here, if anything was."""
        faults, self._faults = self._faults, []
        parts, self._parts = self._parts, []
        proxies, self._proxies = self._proxies, []
        if not (faults or parts or proxies):
            return None
        core = self._opened.core
        return self._opened.loop.soon(_end, core, faults, parts, proxies)


async def _end(
    core: Core, faults: list[Inflicting], parts: list[str], proxies: list[str]
) -> None:
    """End all of it, faults first; raise `UndoFailed` if one could not be undone."""
    try:
        for fault in reversed(faults):
            await fault.leave()
    finally:
        if not core.ended:
            await core.running.end(parts, proxies)
