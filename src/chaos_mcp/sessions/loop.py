"""An event loop in a thread of its own, in which a session gives its signs of life.

The program around it may be synchronous, run asyncio or trio, block its own loop for
minutes, or be ended at any line: none of that keeps a session from doing its work.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from anyio.from_thread import BlockingPortal

from chaos_mcp.errors import SessionEnded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class Loop:
    """Runs coroutine functions for whoever asks, from whatever thread."""

    def __init__(self, name: str = "chaos") -> None:
        """Start the thread.

        It does not keep the program from ending: what stands then, the guardian undoes.
        """
        self._portal: Future[BlockingPortal] = Future()
        self._process = os.getpid()
        self._thread = threading.Thread(
            target=partial(anyio.run, self._main), name=name, daemon=True
        )
        self._thread.start()

    def soon(self, work: Callable[..., Awaitable[T]], *arguments: Any) -> Future[T]:
        """Begin something; raise `SessionEnded` if the loop has ended."""
        if self.elsewhere:
            raise SessionEnded("the session belongs to the process that was forked")
        try:
            return self._portal.result().start_task_soon(work, *arguments)
        except RuntimeError as error:
            raise SessionEnded("the session is closed") from error

    def call(self, work: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Do something and return what came of it."""
        return finished(self.soon(work, *arguments))

    async def acall(self, work: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Do something and return what came of it, from another event loop."""
        return await afinished(self.soon(work, *arguments))

    @property
    def elsewhere(self) -> bool:
        """Tell whether this process was forked from the one that has the thread."""
        return os.getpid() != self._process

    def close(self) -> None:
        """End the thread, once all that it does is done."""
        if self._thread.is_alive() and not self.elsewhere:
            portal = self._portal.result()
            portal.start_task_soon(portal.stop)
            self._thread.join()

    async def _main(self) -> None:
        async with BlockingPortal() as portal:
            self._portal.set_result(portal)
            await portal.sleep_until_stopped()


def finished(future: Future[T]) -> T:
    """Return what came of something, once it is over, whatever interrupts the wait.

    Ctrl-C or a test's time limit is raised only then: half an injection or half an undo
    is nothing that anybody could go on with. Everything has its own deadline.
    """
    stop: BaseException | None = None
    while not future.done():
        try:
            wait([future])
        except BaseException as error:  # noqa: BLE001 - raised below
            stop = error
    if stop is not None:
        raise stop
    return future.result()


async def afinished(future: Future[T]) -> T:
    """Return what came of something, once it is over, whatever is cancelled."""
    stop: BaseException | None = None
    limiter = anyio.CapacityLimiter(1)  # not the program's own, which may be used up
    with anyio.CancelScope(shield=True):
        while not future.done():
            try:
                await anyio.to_thread.run_sync(wait, [future], limiter=limiter)
            except BaseException as error:  # noqa: BLE001 - raised below
                stop = error
    if stop is not None:
        raise stop
    return future.result()


def done(future: Future[Any]) -> bool:
    """Tell whether something is over, and went well."""
    return future.done() and not future.cancelled() and future.exception() is None
