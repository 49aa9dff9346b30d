"""Connections that are used again, and the requests that go over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.workload.wire import connect

if TYPE_CHECKING:
    import ssl

    from chaos_mcp.workload.wire import Answer, Origin, Ready, Wire


@dataclass(slots=True)
class Pool:
    """So many connections at most; what does not get one waits for it."""

    size: int
    tls: ssl.SSLContext | None = None
    idle: list[Wire] = field(default_factory=list)
    """The one that was used last comes last."""
    _busy: int = 0
    _room: anyio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """Make room for as many at once."""
        self._room = anyio.Semaphore(self.size, fast_acquire=True)

    async def ask(self, ready: Ready) -> Answer:
        """Send a request over a connection that is free, or a new one.

        Raise `Unreachable`, or `Broken`: nothing is tried twice.
        """
        async with self._room:
            self._busy += 1
            try:
                return await self._ask(ready)
            finally:
                self._busy -= 1

    async def _ask(self, ready: Ready) -> Answer:
        wire = await self._free(ready.origin) or await connect(ready.origin, self.tls)
        again = False
        try:
            answer = await wire.ask(ready)
            again = wire.renew()
        finally:
            if again:
                self.idle.append(wire)
            else:
                await wire.close()  # waits for nothing
        return answer

    async def _free(self, origin: Origin) -> Wire | None:
        """Return one that is open, if there is one, and close what is no more use."""
        while wire := self._last(origin):
            self.idle.remove(wire)
            if wire.usable():
                return wire
            await wire.close()
        while self.idle and len(self.idle) + self._busy > self.size:
            await self.idle.pop(0).close()
        return None

    def _last(self, origin: Origin) -> Wire | None:
        return next((one for one in reversed(self.idle) if one.origin == origin), None)

    async def close(self) -> None:
        """Close all that are idle."""
        while self.idle:
            await self.idle.pop().close()
