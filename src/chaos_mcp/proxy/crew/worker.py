"""A worker: does what the parent says, and ends when the parent does."""

from __future__ import annotations

import asyncio
import json
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy import loop
from chaos_mcp.proxy.addresses import AddressError
from chaos_mcp.proxy.crew.share import Share
from chaos_mcp.proxy.names import known

if TYPE_CHECKING:
    import socket

    from chaos_mcp.proxy.crew.memory import Memory

LONGEST = 2**28
"""Bytes that a message may have: tens of thousands of proxies."""


def work(parent: socket.socket, seed: int, memory: Memory) -> None:
    """Work until nobody holds the other end any more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with its parent
    with asyncio.Runner(loop_factory=loop.new) as runner:
        runner.run(Worker(seed, memory).obey(parent))


class Worker:
    """Has a share of each proxy."""

    def __init__(self, seed: int, memory: Memory) -> None:
        self._seed, self._memory = seed, memory
        self._shares: dict[int, Share] = {}

    async def obey(self, parent: socket.socket) -> None:
        """Do what each line says, and answer when it is done."""
        reader, writer = await asyncio.open_connection(sock=parent, limit=LONGEST)
        while line := await reader.readline():
            answer = await self._done(json.loads(line))
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        for one in self._shares.values():
            one.end()

    async def _done(self, order: dict[str, Any]) -> Any:
        if "look" in order:
            return self._reports(order["look"], whole=order["whole"])
        for serial in order["gone"]:
            self._shares.pop(serial).end()
        errors = [await known(partial(self._become, one)) for one in order["have"]]
        return [error for error in errors if error]

    def _become(self, told: dict[str, Any]) -> str:
        """Have a share be what it is told to be; return what is wrong with that."""
        serial = told["serial"]
        if serial not in self._shares:
            self._shares[serial] = Share(told, self._seed, self._memory)
        try:
            self._shares[serial].become(told)
        except AddressError as error:
            return str(error)
        return ""

    def _reports(self, serials: list[int], *, whole: bool) -> dict[int, Any]:
        return {
            one: self._shares[one].report(whole=whole)
            for one in serials
            if one in self._shares
        }
