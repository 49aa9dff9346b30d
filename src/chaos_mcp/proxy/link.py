"""One direction of a connection: read, pass through the toxics, write when due."""

from __future__ import annotations

import asyncio
from itertools import zip_longest
from typing import TYPE_CHECKING, Protocol

from chaos_mcp.proxy.inlet import Inlet
from chaos_mcp.proxy.outlet import Outlet
from chaos_mcp.proxy.toxics.base import NEVER

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

    from chaos_mcp.proxy.pipe import Pipe
    from chaos_mcp.proxy.toxics.base import Chunk, Ending, Stage
    from chaos_mcp.proxy.toxics.toxic import Toxic

BATCH = 64
"""Chunks that are moved at one go, so that others have their turn."""


class Owner(Protocol):
    """Who holds both directions together."""

    def stage(self, link: Link, toxic: Toxic) -> Stage:
        """Return a toxic as it is going to work on a link."""
        ...

    def link_finished(self, link: Link, ending: Ending) -> None:
        """Be told that an ending has arrived at the far end of a link."""
        ...

    def link_broken(self, link: Link) -> None:
        """Be told that a link's target takes nothing any more."""
        ...


class Link:
    """Carries bytes from one socket to another, in order, each at its time.

    Everything happens on one loop, without tasks: a change of toxics takes effect
    between two chunks. What may wait is bounded, in bytes: by the room of each toxic,
    and by what the target takes.
    """

    __slots__ = (
        "_dead",
        "_eof",
        "_gone",
        "_inlet",
        "_known",
        "_loop",
        "_outlet",
        "_owner",
        "_stages",
        "_timer",
        "ended",
    )

    def __init__(
        self, source: socket.socket, target: socket.socket, owner: Owner
    ) -> None:
        self.ended = False
        self._loop = asyncio.get_running_loop()
        self._owner = owner
        self._inlet = Inlet(self._loop, source, self)
        self._outlet = Outlet(self._loop, target, self)
        self._known: dict[Toxic, Stage] = {}
        self._gone: tuple[Stage, ...] = ()
        self._stages: list[Stage] = []
        self._timer: asyncio.TimerHandle | None = None
        self._eof = self._dead = False

    @property
    def emptied(self) -> bool:
        """Tell whether all that its source will ever give was read."""
        return self._eof

    @property
    def received(self) -> int:
        """Return the bytes that the source gave."""
        return self._inlet.received

    @property
    def sent(self) -> int:
        """Return the bytes that the target took."""
        return self._outlet.sent

    def change(self, toxics: Sequence[Toxic], updated: Toxic | None = None) -> None:
        """Work with these toxics, in this order, from the next byte on.

        What waits in a toxic that is gone goes on at once; one that was updated
        begins anew.
        """
        known, before = self._known, self._stages
        if not known and not toxics:
            self._gate()
            return
        self._known = {
            one: known.get(one) or self._owner.stage(self, one) for one in toxics
        }
        self._gone += tuple(
            one
            for one in known.values()
            if one.proper.has_acted and one.toxic not in self._known
        )
        self._stages = [stage for stage in self._known.values() if stage.meets]
        self._inlet.sips = bool(self._stages)
        for stage in self._stages:
            if stage not in before or stage.toxic is updated:
                stage.begin(self._loop.time())
        for stage in before[::-1]:
            if stage not in self._stages and not self._dead:
                self._release(stage, before[before.index(stage) + 1 :])
        self._flow()

    @property
    def toxics(self) -> list[Stage]:
        """Return the toxics that are or were on this link, if they did anything."""
        return [one.proper for one in (*self._gone, *self._known.values())]

    def _release(self, stage: Stage, after: list[Stage]) -> None:
        """Let go what waits in a toxic that is gone, to the next one that is not."""
        now = self._loop.time()
        following = next((one for one in after if one in self._stages), None)
        for chunk in stage.leave(now):
            self._hand(chunk, now, following)

    def _hand(self, chunk: Chunk, at: float, following: Stage | None) -> None:
        if following:
            following.take(at, chunk)
        else:
            self._outlet.put(chunk)

    def arrived(self, data: memoryview | Pipe) -> None:
        """Take what was read: to the toxics, or straight to the target."""
        if isinstance(data, memoryview) and self._stages:
            self._stages[0].take(self._loop.time(), memoryview(bytes(data)))
            self._flow()
        else:
            self._outlet.pass_on(data)
            if self._outlet.waiting:
                self._gate()

    def cut(self, ending: Ending) -> None:
        """Let the stream end as if its source had ended it."""
        self._eof = True
        self._gate()
        if self._stages:
            self._stages[0].take(self._loop.time(), ending)
            self._flow()
        else:
            self._outlet.put(ending)

    def _flow(self) -> None:
        """Move on what is due, and wake up for what is not."""
        now, left = self._loop.time(), BATCH
        for stage, after in self._pairs():
            while left and self._takes(after) and (due := stage.due()) <= now:
                self._hand(stage.give(), due, after)
                left -= 1
        dues = (stage.due() for stage, after in self._pairs() if self._takes(after))
        self._wake_at(min(dues, default=NEVER))
        self._gate()

    def _pairs(self) -> Iterator[tuple[Stage, Stage | None]]:
        """Return each toxic at work with the one after it, if there is one."""
        return zip_longest(self._stages, self._stages[1:])

    def _takes(self, after: Stage | None) -> bool:
        """Tell whether a toxic, or the target if it is none, takes more now."""
        return not (self._dead or (after.full if after else self._outlet.waiting))

    def _wake_at(self, due: float) -> None:
        if self._timer:
            if self._timer.when() == due and not self._dead:
                return
            self._timer.cancel()
            self._timer = None
        if due != NEVER and not self._dead:
            self._timer = self._loop.call_at(due, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._flow()

    def wake(self) -> None:
        """Look again at what is due: something else than time has gone on."""
        self._flow()

    def _gate(self) -> None:
        """Read while there is room for what is read."""
        wanted = not (
            self._eof
            or self._dead
            or self._outlet.waiting
            or any(one.full for one in self._stages)
        )
        self._inlet.gate(wanted=wanted)

    def drained(self) -> None:
        """Go on: the target has taken all that was due."""
        if self._stages:
            self._stages[-1].resume(self._loop.time())
        self._flow()

    def broken(self) -> None:
        """Carry nothing more: nobody takes it."""
        self.ended = True
        self.stop()
        self._owner.link_broken(self)

    def finished(self, ending: Ending) -> None:
        """Hand the end of the stream to the connection."""
        self.ended = True
        self._owner.link_finished(self, ending)

    def stop(self) -> None:
        """Carry nothing more."""
        self._dead = True
        for stage in self._stages:
            stage.stop()
        self._gate()
        self._wake_at(NEVER)
        self._outlet.stop()
        self._inlet.stop()

    def waited(self, toxic: Toxic) -> float:
        """Return the seconds for which a toxic has been holding chunks so far."""
        stage = self._known.get(toxic)
        return stage.waited(self._loop.time()) if stage in self._stages else 0.0
