"""HTTP requests of a workload: a weighted mix over pooled connections."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from chaos_mcp.experiment.model import Request

FIRST_FAILURE = 400


class Unsent(Exception):
    """A request that has no answer; `word` says why."""

    word = "broken"


class Asks(Protocol):
    """Sends requests."""

    async def ask(self, request: Request) -> int:
        """Return the status of the answer, or raise `Unsent`."""
        ...


@dataclass(slots=True)
class Mix:
    """Draws a request by weight, from a seed, and sends it."""

    client: Asks
    requests: Sequence[Request]
    chance: random.Random

    def draw(self) -> Request:
        """Return the next request of the mix."""
        if len(self.requests) == 1:
            return self.requests[0]
        weights = list(accumulate(request.weight for request in self.requests))
        return self.chance.choices(self.requests, cum_weights=weights)[0]

    async def send(self) -> str:
        """Send one request; return `ok` or, in a word or two, why it failed."""
        request = self.draw()
        try:
            status = await self.client.ask(request)
        except Unsent as error:
            return error.word
        return judge(request, status)


def judge(request: Request, status: int) -> str:
    """Return `ok` if a status is what the request expects, else name the status."""
    expected = request.expect
    if expected is None:
        fine = status < FIRST_FAILURE
    else:
        fine = status in ((expected,) if isinstance(expected, int) else expected)
    return "ok" if fine else f"status {status}"


@asynccontextmanager
async def open_mix(
    requests: Sequence[Request], connections: int, seed: int
) -> AsyncIterator[Mix]:
    """Open a pool of so many connections and yield the mix that uses it.

    No proxy settings of the environment apply, and no timeout: the schedule has one.
    """
    from chaos_mcp.workload.client import Client  # noqa: PLC0415 - there is traffic

    client = Client.of(requests, connections)
    try:
        yield Mix(client, requests, random.Random(seed))  # noqa: S311 - repeatable
    finally:
        await client.pool.close()  # waits for nothing
