"""HTTP requests of a workload: a weighted mix over pooled connections."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import httpx

    from chaos_mcp.experiment.model import Request

FIRST_FAILURE = 400


@dataclass(slots=True)
class Mix:
    """Draws a request by weight, from a seed, and sends it."""

    client: httpx.AsyncClient
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
        import httpx  # noqa: PLC0415 - loaded with the first workload only

        request = self.draw()
        try:
            answer = await self.client.request(
                request.method, request.url, **_content(request)
            )
        except httpx.ConnectError:
            return "connect"
        except httpx.TimeoutException:
            return "timeout"
        except httpx.InvalidURL:
            return "invalid url"
        except httpx.HTTPError:
            return "broken"
        return judge(request, answer.status_code)


def judge(request: Request, status: int) -> str:
    """Return `ok` if a status is what the request expects, else name the status."""
    expected = request.expect
    if expected is None:
        fine = status < FIRST_FAILURE
    else:
        fine = status in ((expected,) if isinstance(expected, int) else expected)
    return "ok" if fine else f"status {status}"


def _content(request: Request) -> dict[str, Any]:
    content: dict[str, Any] = {"headers": request.headers}
    if request.json_ is not None:
        content["json"] = request.json_
    elif request.body is not None:
        content["content"] = request.body
    return content


@asynccontextmanager
async def open_mix(
    requests: Sequence[Request], connections: int, seed: int
) -> AsyncIterator[Mix]:
    """Open a pool of so many connections and yield the mix that uses it.

    No proxy settings of the environment apply, and no timeout: the schedule has one.
    """
    import httpx  # noqa: PLC0415 - loaded with the first workload only

    limits = httpx.Limits(
        max_connections=connections, max_keepalive_connections=connections
    )
    async with httpx.AsyncClient(
        timeout=httpx.Timeout(None),  # the schedule keeps the deadline
        limits=limits,
        verify=any(request.url.startswith("https") for request in requests),
        trust_env=False,
    ) as client:
        yield Mix(client, requests, random.Random(seed))  # noqa: S311 - repeatable
