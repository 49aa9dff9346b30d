"""The runner's side of the guardian: started before harm, told of every fault."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.engine.spare import begin, pipe
from chaos_mcp.errors import PartMissing
from chaos_mcp.failpoints import guardian_is
from chaos_mcp.journal import handles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anyio.abc import TaskStatus

    from chaos_mcp.engine.spare import Spare, Started

READY = 20.0
"""Seconds that the guardian has to be ready, on a busy machine."""
LEAVING = 5.0
"""Seconds that it has to leave by itself once it was told that the run is over."""
BEATS = 5
"""Signs of life in a lease."""
STARTS = 3
"""Times that it is started, should somebody end it."""


@dataclass(slots=True)
class GuardianProcess:
    """The guardian as a process of its own, in a session of its own."""

    folder: Path
    lease: float
    kinds: tuple[str, ...]
    server: str = ""
    """Which proxy server there will be: `embedded`, `toxiproxy` or none."""
    lost: Callable[[str], None] = lambda _: None
    """Told when it cannot be had any more; nothing may stand then."""
    beat: Callable[[], None] = lambda: None
    """Called with every sign of life, for what others can see."""
    taken: Callable[[], bool] = lambda: False
    """Tells whether it acts for the run by itself, since we were silent."""
    spare: Spare | None = None
    """One that was started before, and is told now what to guard."""
    _started: Started | None = None
    _lifeline: tuple[int, int] = (-1, -1)
    _listening: anyio.Event = field(default_factory=anyio.Event)
    _warm: anyio.Event = field(default_factory=anyio.Event)
    _ended: anyio.Event = field(default_factory=anyio.Event)
    _released: bool = False
    _failed: str = ""
    _known: tuple[str, ...] = ()
    """Kinds that it was told of when it was started."""
    _loaded: dict[str, anyio.Event] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)
    _answered: float = 0.0
    _scope: anyio.CancelScope = field(
        default_factory=lambda: anyio.CancelScope(shield=True)
    )

    @property
    def lifeline(self) -> int:
        """Return the end of a pipe that reads as ended once runner and guardian are."""
        return self._lifeline[0]

    @property
    def pid(self) -> int:
        """Return the number of its process; 0 while there is none."""
        return self._started.process.pid if self._started else 0

    async def run(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Start it, give signs of life, and start it again should it be ended.

        Raise `PartMissing` if it cannot be started.
        """
        self._lifeline = self.spare.lifeline if self.spare else pipe()
        with self._scope:
            self._start()
            task_status.started()
            try:
                await self._guard()
            except PartMissing as error:
                self._give_up(str(error))

    async def _guard(self) -> None:
        """Keep it until it is let go; raise `PartMissing` if it cannot be replaced."""
        for start in range(1, STARTS + 1):
            await self._keep()
            if self._released:
                self._ended.set()
                return
            if self.taken():
                self._part()
                raise PartMissing("the guardian has taken the run over")
            self._end()
            # The next one has to begin from the beginning.
            self._listening = _anew(self._listening)
            self._warm = _anew(self._warm)
            if start < STARTS:
                self._start()
        raise PartMissing("the guardian was ended again and again")

    async def ready(self) -> None:
        """Return once it would undo everything."""
        await self._once(self._warm)

    async def listening(self) -> None:
        """Return once it is there and will act, be it a moment after it has loaded.

        Raise `PartMissing` if it never will.
        """
        await self._once(self._listening)

    async def _once(self, event: anyio.Event) -> None:
        with anyio.move_on_after(READY):
            await event.wait()
        if self._failed or not event.is_set():
            raise PartMissing(self._failed or "the guardian does not get ready")

    async def load(self, kind: str, *, early: bool = False) -> None:
        """Return once it could undo such a fault, too; `early`: once it is about to.

        Raise `PartMissing` if it never will.
        """
        await self.listening()
        if kind not in self.kinds:
            # One that has to be started again meanwhile loads it with all the others.
            self.kinds = tuple(sorted({*self.kinds, kind}))
            self._loaded[kind] = anyio.Event()
            self._tell(f"l {kind}")
        if early:
            return
        await self.ready()
        if loaded := self._loaded.get(kind):
            await self._once(loaded)

    def armed(self, fault: str, seconds: float) -> None:
        """Say that a fault may stand from now on, and for how long at most."""
        self._until[fault] = anyio.current_time() + seconds
        self._tell(f"a {fault} {seconds:.3f}")

    def closed(self, fault: str) -> None:
        """Say that a fault is gone."""
        if self._until.pop(fault, None) is not None:
            self._tell(f"c {fault}")

    async def release(self, *, left: bool) -> None:
        """Let it go, once the journal is closed; if something is left, it goes on."""
        self._released = True
        self._tell("left" if left else "bye")
        if left:
            self._part()
        elif self._started:
            with anyio.CancelScope(shield=True), anyio.move_on_after(LEAVING):
                await self._ended.wait()
        self._scope.cancel()
        self._end()
        for end in self._lifeline:
            handles.close(end)
        self._lifeline = (-1, -1)

    def _part(self) -> None:
        """Leave it alone: it is on its own from here."""
        if self._started:
            self._started.part()

    def _start(self) -> None:
        self._known = self.kinds
        self._started = self._hired() or self._new()
        guardian_is(self.pid)
        for fault, until in self._until.items():
            self._tell(f"a {fault} {max(0.0, until - anyio.current_time()):.3f}")

    def _hired(self) -> Started | None:
        """Return the spare one, once, having told it what to guard."""
        spare, self.spare = self.spare, None
        kinds = ",".join(self.kinds)
        if spare:
            return spare.hire(str(self.folder), self.lease, kinds, self.server)
        return None

    def _new(self) -> Started:
        us, lease, kinds = str(os.getpid()), f"{self.lease:g}", ",".join(self.kinds)
        return begin(
            [str(self.folder), us, lease, kinds, self.server], self._lifeline[1]
        )

    async def _keep(self) -> None:
        """Give signs of life until it does not answer them any more."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._beat, tasks.cancel_scope)
            await self._until_end()
            tasks.cancel_scope.cancel()

    async def _beat(self, keeping: anyio.CancelScope) -> None:
        self._answered = anyio.current_time()
        while True:
            self._tell(".")
            self.beat()
            await anyio.sleep(self.lease / BEATS)
            silent = anyio.current_time() - self._answered
            if self.taken() or (self._warm.is_set() and silent > self.lease):
                keeping.cancel()

    async def _until_end(self) -> None:
        """Hear what it says until it has ended."""
        said = b""
        heard = self._started.heard if self._started else -1
        while True:
            await anyio.wait_readable(heard)
            data = os.read(heard, 4096)
            if not data:
                return
            self._answered = anyio.current_time()
            *lines, said = (said + data).split(b"\n")
            for line in lines:
                self._hear(line.strip(b"."))
            said = said[-256:]

    def _hear(self, line: bytes) -> None:
        for kind, loaded in self._loaded.items():
            known = line == b"warm" and kind in self._known
            if known or line == f"loaded {kind}".encode():
                loaded.set()
        if line in (b"ready", b"warm"):
            self._listening.set()
        if line == b"warm":
            self._warm.set()

    def _end(self) -> None:
        if self._started:
            self._started.end()
            self._started = None

    def _give_up(self, why: str) -> None:
        self._failed = why
        for event in (self._listening, self._warm, *self._loaded.values()):
            event.set()
        self.lost(why)

    def _tell(self, line: str) -> None:
        if self._started:
            with suppress(OSError):  # that it is gone is noticed by its silence
                os.write(self._started.told, f"{line}\n".encode())


def _anew(event: anyio.Event) -> anyio.Event:
    """Return an event that has not happened; whoever waits for one goes on waiting."""
    return anyio.Event() if event.is_set() else event
