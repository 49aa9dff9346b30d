"""Opening a session, with `with` or with `async with`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_mcp.engine.spare import Spare
from chaos_mcp.errors import ChaosError
from chaos_mcp.sessions.settings import Settings
from chaos_mcp.terms import LEASE, RUNS

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType

    from chaos_mcp.sessions.asynchronous import AsyncSession
    from chaos_mcp.sessions.sync import Session


def session(  # noqa: PLR0913 - each has a default
    *,
    title: str = "a session",
    seed: int | None = None,
    runs: str | Path = RUNS,
    lease: float = LEASE,
    proof: float = 5.0,
    longest: float = 3600.0,
    toxiproxy: str = "",
    recover: bool = False,
    allow_irreversible: bool = False,
    protect: tuple[str, ...] = (),
    max_targets: int | None = None,
) -> Opening:
    """Return a session, to be entered by `with` or by `async with`.

    `Settings` says what each argument is for.
    """
    settings = Settings(
        title=title,
        seed=seed,
        runs=Path(runs),
        lease=lease,
        proof=proof,
        longest=longest,
        toxiproxy=toxiproxy,
        recover=recover,
        allow_irreversible=allow_irreversible,
        protect=protect,
        max_targets=max_targets,
    )
    return Opening(settings)


class Opening:
    """A session that is not open yet, for `with` or `async with`, once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.spare: Spare | None = None
        """A guardian that gets ready already, if one was started before."""

    def __enter__(self) -> Session:
        """Open it; raise `StillOpen` over what dead runs have left, or if halted."""
        ready = self._begin()
        from chaos_mcp.sessions.loop import finished  # noqa: PLC0415 - see `_begin`
        from chaos_mcp.sessions.sync import Session  # noqa: PLC0415 - as above

        try:
            finished(ready)
        except BaseException:
            self._give_up()
            raise
        return Session(lambda: self._opened)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take everything back; raise `UndoFailed` if something still stands."""
        from chaos_mcp.sessions.loop import finished  # noqa: PLC0415 - loaded already

        if not self._opened.loop.elsewhere:
            try:
                finished(self._opened.closing())
            finally:
                self._opened.loop.close()

    async def __aenter__(self) -> AsyncSession:
        """Open it; raise `StillOpen` over what dead runs have left, or if halted."""
        ready = self._begin()
        from chaos_mcp.sessions.asynchronous import (  # noqa: PLC0415 - see `_begin`
            AsyncSession,
        )
        from chaos_mcp.sessions.loop import afinished  # noqa: PLC0415 - as above

        try:
            await afinished(ready)
        except BaseException:
            self._give_up()
            raise
        return AsyncSession(lambda: self._opened)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take everything back; raise `UndoFailed` if something still stands."""
        from chaos_mcp.sessions.loop import afinished  # noqa: PLC0415 - loaded already

        if not self._opened.loop.elsewhere:
            try:
                await afinished(self._opened.closing())
            finally:
                self._opened.loop.close()

    def _begin(self) -> Future[None]:
        """Begin to open it.

        The guardian is started before all else: it loads while this process does.
        """
        spare = self.spare = self.spare or Spare()
        try:
            from chaos_mcp.sessions.base import Opened  # noqa: PLC0415 - 200 ms

            self._opened = Opened(self._settings, spare)
        except BaseException:
            spare.dismiss()
            raise
        return self._opened.ready

    def _give_up(self) -> None:
        from chaos_mcp.sessions.loop import finished  # noqa: PLC0415 - loaded already

        with suppress(ChaosError):
            finished(self._opened.closing())
        self._opened.loop.close()
        if self.spare:
            self.spare.dismiss()
