"""The workers, as the parent sees them: told what to be, and asked what they did."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from chaos_mcp.proxy.bodies import BROKEN, Refusal
from chaos_mcp.proxy.collection import Collection
from chaos_mcp.proxy.crew.lead import Lead
from chaos_mcp.proxy.crew.listeners import Held
from chaos_mcp.proxy.crew.memory import Memory
from chaos_mcp.proxy.crew.worker import LONGEST, work
from chaos_mcp.proxy.names import Unresolved, look_up
from chaos_mcp.proxy.routes import refused, respond
from chaos_mcp.proxy.targets import unquoted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from chaos_mcp.proxy.http import Request, Response

PATIENCE = 10.0
"""Seconds that a worker has to answer; it takes a part of a millisecond."""
PARTING, TICK = 2.0, 0.005
"""Seconds that a worker has to end, and after which that is looked at again."""
T = TypeVar("T")


def hired(count: int, seed: int) -> Crew:
    """Start workers, which has to be before there is a loop."""
    memory, ends = Memory(), dict[int, socket.socket]()
    for _ in range(count):
        here, there = socket.socketpair()
        if pid := os.fork():
            there.close()
            ends[pid] = here
        else:
            for one in (here, *ends.values()):
                one.close()
            work(there, seed, memory)
            os._exit(0)
    return Crew(ends, seed)


class Crew:
    """Answers requests with all workers of one mind."""

    def __init__(self, ends: dict[int, socket.socket], seed: int) -> None:
        self.collection = Collection(seed, self._lead)
        self._failed = False
        self._stop: Callable[[], object] = bool
        self._ends = ends
        self._streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._told: dict[int, dict[str, Any]] = {}
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[object]] = set()

    async def start(self, stop: Callable[[], object]) -> None:
        """Be ready to talk to the workers; have all `stop` if one of them fails."""
        self._stop = stop
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCHLD, self._lost)
        for end in self._ends.values():
            pair = await asyncio.open_connection(sock=end, limit=LONGEST)
            self._streams.append(pair)

    def _lead(self, *of: Any) -> Lead:
        lead = Lead(*of)
        lead.changed = lambda: self._later(self.push())
        return lead

    async def respond(self, request: Request) -> Response:
        """Return the answer to a request, once it is true of every worker."""
        while True:
            try:
                return await asyncio.shield(self._later(self._answered(request)))
            except Unresolved as unresolved:
                await asyncio.shield(look_up(unresolved.host))

    def _later(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Do something to its end, even if nobody waits for it any more."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _answered(self, request: Request) -> Response:
        async with self._turn:
            await self._look(request)
            response = respond(self.collection, request)
            errors = [] if request.method == "GET" else await self._push()
        return refused(Refusal(errors[0], BROKEN)) if errors else response

    async def _look(self, request: Request) -> None:
        """Have the workers tell what the answer to a request may need."""
        parts = request.target.path.split("/")[1:]
        proxies = self.collection.proxies
        if parts[0] == "proxies" and len(parts) > len(("proxies", "name")):
            names = [
                name
                for name in [unquoted(parts[1]).decode("utf-8", "replace")]
                if name in proxies
            ]
        else:
            names = list(proxies) if parts[0] in ("metrics", "populate") else []
        if names:
            leads = [lead for name in names if isinstance(lead := proxies[name], Lead)]
            order = {"look": [one.serial for one in leads], "whole": len(leads) == 1}
            answers = await self._ask(order)
            for lead in leads:
                key = str(lead.serial)
                lead.told([one[key] for one in answers if key in one])

    async def push(self) -> list[str]:
        """Have every worker do what has changed; return what they could not do."""
        async with self._turn:
            return await self._push()

    async def _push(self) -> list[str]:
        leads = self.collection.proxies.values()
        now = {one.serial: one.described() for one in leads if isinstance(one, Lead)}
        have = [told for key, told in now.items() if self._told.get(key) != told]
        gone = [key for key in self._told if key not in now]
        self._told = now
        answers = await self._ask({"have": have, "gone": gone}) if have or gone else []
        Held.released.clear()
        return [error for one in answers for error in one]

    async def _ask(self, order: dict[str, Any]) -> list[Any]:
        """Say something to all workers, and return what they answer."""
        line = json.dumps(order).encode() + b"\n"
        try:
            async with asyncio.timeout(PATIENCE):
                for _, writer in self._streams:
                    writer.write(line)
                return [json.loads(await one.readuntil()) for one, _ in self._streams]
        except (OSError, EOFError):  # a timeout is an OSError, too
            self._fail()
            raise

    def _lost(self) -> None:
        """Notice that a worker has ended, which none does by itself."""
        if any(map(_ended, list(self._ends))):
            self._fail()

    def _fail(self) -> None:
        """End everything: what a worker has missed can never be made good."""
        self._failed = True
        sys.stderr.write("chaos proxy: a worker has failed, so all of it ends\n")
        self._stop()

    def stop(self) -> int:
        """Have the workers end, wait for them, and return the code to end with."""
        asyncio.get_running_loop().remove_signal_handler(signal.SIGCHLD)
        for end in self._ends.values():
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        _await_the_end(set(self._ends))
        return int(self._failed)


def _await_the_end(pids: set[int]) -> None:
    deadline = time.monotonic() + PARTING
    while pids := {pid for pid in pids if not _ended(pid)}:
        if time.monotonic() > deadline:
            _kill(pids)
        time.sleep(TICK)


def _ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
