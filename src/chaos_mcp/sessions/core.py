"""The engine of a session: what a run has, without an experiment."""

from __future__ import annotations

from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from chaos_mcp import __version__
from chaos_mcp.adapters.world import Bounds, World
from chaos_mcp.engine.activity import Activities
from chaos_mcp.engine.guarding import GuardianProcess
from chaos_mcp.engine.hooks import NoHooks
from chaos_mcp.engine.injection import Injections
from chaos_mcp.engine.recovering import recover_dead
from chaos_mcp.engine.status import holds
from chaos_mcp.engine.undoing import words
from chaos_mcp.errors import ChaosError, JournalFailed, SessionEnded, UndoFailed
from chaos_mcp.events import RunAborting, RunEnded, RunStarted
from chaos_mcp.experiment.substitute import Scope
from chaos_mcp.journal.authority import Authority
from chaos_mcp.journal.ledger import anything_open, open_faults
from chaos_mcp.journal.log import Journal
from chaos_mcp.machine import index
from chaos_mcp.machine.halt import halted
from chaos_mcp.machine.place import state_folder
from chaos_mcp.runs.beginning import host, make, may_start, new_run
from chaos_mcp.runs.validating import seed_of
from chaos_mcp.sessions.running import Running

if TYPE_CHECKING:
    from chaos_mcp.engine.spare import Spare
    from chaos_mcp.sessions.settings import Settings
    from chaos_mcp.terms import Cause


TAKEN = "the guardian has taken the session over; it undoes what stood"


class Core:
    """A session, in the event loop that it lives in; nothing here is for other threads.

    `live` is its life; `open` and `close` wait for the beginning and the end of it.
    """

    def __init__(self, settings: Settings, spare: Spare | None = None) -> None:
        """Touch nothing yet; `spare` is a guardian that gets ready already."""
        self.settings = settings
        self.spare = spare
        self.seed = seed_of(settings.seed)
        self.run, self.folder = new_run(settings.runs)
        self.count = 0
        """Faults asked for so far."""
        self.ended = ""
        """Why nothing can be done any more."""
        self.begun = False
        """Whether there is a journal."""
        self.failure: BaseException | None = None
        self.opened = anyio.Event()
        self.closing = anyio.Event()
        self.closed = anyio.Event()

    async def live(self) -> None:
        """Be open until `close`; `open` raises what has kept it from that."""
        try:
            await self._live()
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            self.failure = error
            self.ended = self.ended or f"it broke: {words(error)}"
        finally:
            self.opened.set()
            self.closed.set()

    async def open(self) -> None:
        """Return once it is open; raise what keeps it from being opened."""
        await self.opened.wait()
        failure, self.failure = self.failure, None
        if failure:
            raise failure

    async def _live(self) -> None:
        await self._start()
        async with anyio.create_task_group() as self.tasks, AsyncExitStack() as stack:
            await self.tasks.start(self.guardian.run)
            self.running = Running(self, stack)
            self.opened.set()
            await self.closing.wait()
            with anyio.CancelScope(shield=True):
                await self._put_back()
                await stack.aclose()
                await self._finish()
            self.tasks.cancel_scope.cancel()

    async def close(self) -> None:
        """Take everything back; raise `UndoFailed` if something still stands."""
        self.ended = self.ended or "the session is closed"
        self.closing.set()
        await self.closed.wait()
        if self.failure:
            raise self.failure
        if self.begun:
            self.complain()

    def alive(self) -> None:
        """Raise `SessionEnded` if nothing can be done any more."""
        if self.journal.taken and not self.ended:
            self.ended = TAKEN
        if self.ended:
            raise SessionEnded(f"{self.ended} ({self.folder})")

    def complain(self) -> None:
        """Raise `UndoFailed` if something stands that was not seen to be gone."""
        left = open_faults(self.journal.events)
        if left and not self.journal.taken:
            names = ", ".join(f"{one.name} on {one.target}" for one in left)
            raise UndoFailed(f"{names} may still stand: run `chaos recover {self.run}`")

    def stop(self, cause: Cause, reason: str) -> None:
        """Take everything back now, and do nothing any more."""
        if not self.ended:
            self.ended = TAKEN if self.journal.taken else reason
            self.injections.undoing.note(RunAborting(cause=cause, reason=reason))
            self.closing.set()

    async def _start(self) -> None:
        settings = self.settings
        if settings.recover:
            await recover_dead()
        self.entry = index.entry_of_us(
            self.run, self.folder, settings.title, settings.lease, signals=False
        )
        await may_start(self.entry, durable=True)
        try:
            self._write_down()
        except (ChaosError, OSError):
            index.forget(self.run)
            raise
        self._assemble()
        self.begun = True

    def _write_down(self) -> None:
        make(self.folder)
        self.journal = Journal(self.folder, self.run, authority=Authority(self.folder))
        self.journal.record(
            RunStarted(
                title=self.settings.title,
                experiment={},
                seed=self.seed,
                version=__version__,
                host=host(),
                settings={"no_score": True},
            )
        )

    def _assemble(self) -> None:
        settings = self.settings
        bounds = Bounds(run=self.run, protect=settings.protect)
        keep = (str(self.folder), str(state_folder()))
        world = World(keep=keep, bounds=bounds)
        self.activities = Activities(self.journal, world, Scope(), NoHooks())
        self.guardian = GuardianProcess(self.folder, settings.lease, (), "embedded")
        self.guardian.spare = self.spare
        self.guardian.lost = lambda why: self.stop("error", why)
        self.guardian.beat = self._beat
        self.guardian.taken = lambda: self.journal.taken
        self.injections = Injections(
            self.journal, world, Scope(), settings.longest, settings.lease
        )
        self.injections.guardian = self.guardian
        self.injections.holds = holds
        patience = replace(self.injections.patience, proof=settings.proof)
        self.injections.patience = patience

    def _beat(self) -> None:
        """Let others see that we live, and see whether they want us to stop."""
        index.renew(self.entry)
        with suppress(ChaosError):
            if word := halted():
                reason = f"{word.by} halted all runs: {word.reason}"
                self.stop("operator", reason)

    async def _put_back(self) -> None:
        if not self.journal.taken:
            await self.injections.undo_all()
            await self.running.end_all()

    async def _finish(self) -> None:
        """Write the end down, let the guardian go, and be forgotten."""
        taken = self.journal.taken
        self.injections.undoing.note(RunEnded())
        with suppress(OSError, JournalFailed):
            self.journal.close()
        left = taken or anything_open(self.journal.events)
        await self.guardian.release(left=left)
        if not left:
            with suppress(OSError):
                index.forget(self.run)
