"""Calls that block, in threads of our own: quickly handed over, and never in the way.

A thread cannot be stopped. Those of `anyio.to_thread` are waited for at the end of the
program, so a call that sleeps for half a minute would keep a run that was stopped from
ending; these are not. And what returns at once needs no way through the event loop.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from contextvars import Context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import anyio
from anyio import from_thread, lowlevel

from chaos_mcp.errors import ActivityFailed

if TYPE_CHECKING:
    from collections.abc import Callable

QUICK = 0.0005
"""Seconds for which a call may hold up the event loop before it is waited for."""


async def in_thread(function: Callable[[], Any]) -> Any:
    """Return what a blocking function returns, or raise what it raises.

    If the caller is cancelled, the thread is left behind.
    """
    await lowlevel.checkpoint()
    job = _Job(function)
    worker = _idle.pop() if _idle else _Worker()
    worker.jobs.put(job)
    if not job.done.acquire(timeout=QUICK):
        await job.wait()
    if job.error is None:
        return job.value
    if isinstance(job.error, SystemExit):
        raise ActivityFailed(f"it called exit({job.error.code!r})") from job.error
    raise job.error


class _Job:
    """One call, and what came of it."""

    __slots__ = ("_lock", "_wake", "done", "error", "function", "value")

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.value: Any = None
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()
        self._lock = threading.Lock()
        self._wake: Callable[[], None] | None = None

    def run(self) -> None:
        try:
            # A context of its own, so that the function does not take itself to be
            # inside of our event loop.
            self.value = Context().run(self.function)
        except BaseException as error:  # noqa: BLE001 - raised again by the caller
            self.error = error

    def end(self, worker: _Worker) -> None:
        """Let the caller go on; the thread is free again once it does."""
        with self._lock:
            wake = self._wake
            if wake is None:
                _idle.append(worker)
            self.done.release()
        if wake is not None:
            wake()
            _idle.append(worker)

    async def wait(self) -> None:
        """Wait as the event loop does."""
        event, token = anyio.Event(), lowlevel.current_token()

        def wake() -> None:
            # The loop may be gone, and nobody waits any more.
            with suppress(anyio.RunFinishedError, RuntimeError):
                from_thread.run_sync(event.set, token=token)

        with self._lock:
            if self.done.acquire(blocking=False):
                return
            self._wake = wake
        try:
            await event.wait()
        finally:
            with self._lock:
                self._wake = None


class _Worker(threading.Thread):
    """A thread that does one job after another and is not waited for at the end."""

    def __init__(self) -> None:
        super().__init__(name="chaos activity", daemon=True)
        self.jobs: SimpleQueue[_Job] = SimpleQueue()
        self.start()

    def run(self) -> None:
        while True:
            job = self.jobs.get()
            job.run()
            job.end(self)


_idle: deque[_Worker] = deque()
