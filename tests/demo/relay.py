"""A wire to the cache that can be cut: it then takes connections and moves nothing."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import anyio
from anyio.abc import SocketAttribute, SocketStream


@dataclass(slots=True)
class Wire:
    """A TCP relay; while cut, bytes wait, both ways, and nobody is told.

    With `kills`, connections from before a cut stay dead after it, without a word, as
    when a firewall on the way has forgotten them.
    """

    port: int
    kills: bool = False
    cuts: int = 0
    _whole: anyio.Event = field(default_factory=anyio.Event)

    def cut(self) -> None:
        self._whole = anyio.Event()
        self.cuts += 1

    def heal(self) -> None:
        self._whole.set()

    async def carry(self, source: SocketStream, sink: SocketStream) -> None:
        born = self.cuts
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async for data in source:
                await self._whole.wait()
                if self.kills and born != self.cuts:
                    await anyio.sleep_forever()
                await sink.send(data)
            await sink.send_eof()


@contextlib.asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """Relay a free port on loopback to `port` there, for as long as the block runs."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    wire = Wire(listener.extra(SocketAttribute.local_port))  # noqa: S610 - not Django's
    wire.heal()

    async def connect(near: SocketStream) -> None:
        async with near:
            await wire._whole.wait()  # noqa: SLF001 - one module, one thing
            with contextlib.suppress(OSError):
                async with (
                    await anyio.connect_tcp("127.0.0.1", port) as far,
                    anyio.create_task_group() as both,
                ):
                    both.start_soon(wire.carry, near, far)
                    both.start_soon(wire.carry, far, near)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, connect)
        yield wire
        tasks.cancel_scope.cancel()
    await listener.aclose()
