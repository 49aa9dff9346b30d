"""Open loop: requests are due at fixed times, whether or not the system keeps up."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

LATE = 0.1
"""Seconds behind schedule from which the generator counts as late on a request."""
LATE_SHARE = 0.01
"""The share of late requests from which the run says so."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One request that came to its end."""

    due: float
    """When it was to be sent, in seconds since the run began."""
    latency: float
    """From then to the answer, or to the deadline."""
    result: str
    """`ok`, or why not."""


@dataclass(slots=True)
class Batch:
    """Samples not yet written down, and how the generator does."""

    samples: list[Sample] = field(default_factory=list)
    lag: float = 0.0
    sent: int = 0
    late: int = 0

    def take(self) -> tuple[list[Sample], float]:
        """Return what has gathered and begin anew."""
        taken = self.samples, self.lag
        self.samples, self.lag = [], 0.0
        return taken

    @property
    def kept_up(self) -> bool:
        """Tell whether the generator sent nearly everything when it was due."""
        return self.late <= LATE_SHARE * self.sent


Send = Callable[[], Awaitable[str]]
"""Send one request and return its result; the scheduler keeps the deadline."""


@dataclass(slots=True)
class Schedule:
    """Sends at a constant rate until it is stopped; measures from the due time."""

    rate: float
    deadline: float
    send: Send
    now: Callable[[], float]
    """Seconds since the run began."""
    seen: Callable[[Sample], None]
    """Told of each sample at once: safeguards judge it."""
    batch: Batch = field(default_factory=Batch)
    _sending: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    def stop(self) -> None:
        """Send nothing more; what is under way comes to its end or its deadline."""
        self._sending.cancel()

    async def run(self) -> None:
        """Send until stopped, then wait for what is under way."""
        async with anyio.create_task_group() as requests:
            with self._sending:
                await self._send(requests)

    async def _send(self, requests: TaskGroup) -> None:
        began = self.now()
        for count in itertools.count():
            due = began + count / self.rate
            await anyio.sleep(max(0.0, due - self.now()))
            self._account(due)
            requests.start_soon(self._one, due)

    def _account(self, due: float) -> None:
        lag = self.now() - due
        self.batch.sent += 1
        self.batch.lag = max(self.batch.lag, lag)
        self.batch.late += lag > LATE

    async def _one(self, due: float) -> None:
        result = "timeout"
        with anyio.move_on_after(max(0.0, due + self.deadline - self.now())):
            result = await self.send()
        latency = self.deadline if result == "timeout" else self.now() - due
        sample = Sample(round(due, 4), round(min(latency, self.deadline), 5), result)
        self.batch.samples.append(sample)
        self.seen(sample)
