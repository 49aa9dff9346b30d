"""A session that is opened when something first asks it for something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.sessions.asynchronous import AsyncSession
from chaos_mcp.sessions.sync import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.sessions.base import Opened
    from chaos_mcp.sessions.opening import Opening


class Lazy:
    """One session for many parts of a program, none of which has to use it."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._session: Session | None = None
        self._opened: Opened | None = None

    def opened(self) -> Opened:
        """Return the session, opened by now."""
        if self._opened is None:
            self._session = self._opening.__enter__()
            self._opened = self._session._opened  # noqa: SLF001 - one of ours
        return self._opened

    def part(self) -> Session:
        """Return a part of the session; ending it ends what was started there."""
        return Session(self.opened)

    def apart(self) -> AsyncSession:
        """Return a part of the session for asynchronous code."""
        return AsyncSession(self.opened)

    @property
    def events(self) -> Sequence[Event]:
        """Return what has happened; nothing if it was never opened."""
        return self._opened.core.journal.events if self._opened else ()

    @property
    def session(self) -> Session | None:
        """Return it as a whole; None if it was never opened."""
        return self._session

    def close(self) -> None:
        """Take everything back, if it was opened; see `Opening.__exit__`."""
        if self._opened is not None:
            self._opening.__exit__(None, None, None)
