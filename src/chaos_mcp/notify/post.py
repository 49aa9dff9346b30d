"""Requests to a channel's receiver: tried anew where that may help, and never followed.

Tried anew are connections that fail, answers that do not come, 429 and 5xx; what a
receiver refuses (other 4xx) it would refuse again. `Retry-After` is kept to. Redirects
are not followed: they could take a token to another host.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import anyio
import httpx
import tenacity

from chaos_mcp import __version__
from chaos_mcp.errors import NotDelivered
from chaos_mcp.journal.words import line, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Headers = Callable[[], Mapping[str, str]]
    """Made for each try, since a signature has a time in it."""

EACH = httpx.Timeout(10.0, connect=5.0)
"""What one try may take between two signs of life."""
MOST = 4 * 1024 * 1024
"""Bytes of an answer that are read."""
LONGEST = 8.0
"""Seconds, at most, between two tries, unless the receiver asks for more."""
TOO_MANY = 429
BROKEN = 500
REDIRECT = range(300, 400)
REFUSED = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered."""

    status: int
    body: bytes


class Again(Exception):
    """It may go better another time."""

    def __init__(self, why: str, after: float | None = None) -> None:
        self.after = after
        """Seconds that the receiver asked to wait."""
        super().__init__(why)


class Post:
    """Sends requests for one channel, and remembers what went wrong last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.trouble = ""
        self.tries = 0

    async def __call__(
        self,
        method: str,
        url: str,
        headers: Headers,
        body: bytes = b"",
    ) -> Answer:
        """Return the answer, whatever its status from 200 to 499.

        Raise `NotDelivered` if there is no hope for one within the scope's deadline.
        """

        async def once() -> Answer:
            return await self._once(method, url, headers(), body)

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(Again),
            wait=_pause,
            sleep=anyio.sleep,
            reraise=True,
        )
        return await retrying(once)

    async def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        self.tries += 1
        try:
            request = self._client.stream(method, url, headers=headers, content=body)
            async with request as response:
                answer = Answer(response.status_code, await _start_of(response))
                asked = _asked(response.headers.get("retry-after", ""))
        except httpx.TransportError as error:
            raise self._again(_said(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered(type(error).__name__) from None
        if answer.status == TOO_MANY or answer.status >= BROKEN:
            raise self._again(f"it answered {answer.status}", asked)
        return answer

    def _again(self, why: str, after: float | None = None) -> Exception:
        """Return what makes it be tried anew, or ends it where there is no time."""
        self.trouble = why
        left = anyio.current_effective_deadline() - anyio.current_time()
        if after is not None and after > left:
            return NotDelivered(f"{why}, and asks to wait {seconds(after)}")
        return Again(why, after)


def client() -> httpx.AsyncClient:
    """Return what speaks to a receiver; a proxy of the environment's is used."""
    named = {"user-agent": f"chaos-mcp/{__version__}", "accept-encoding": "identity"}
    return httpx.AsyncClient(timeout=EACH, headers=named, follow_redirects=False)


def check(answer: Answer) -> Answer:
    """Return an answer that says that it was taken, or raise `NotDelivered`."""
    if answer.status in REDIRECT:
        why = f"it answered {answer.status}, and redirects are not followed"
        raise NotDelivered(why)
    if answer.status >= REFUSED:
        raise NotDelivered(f"it answered {answer.status}")
    return answer


async def _start_of(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MOST:
            break
    return bytes(body[:MOST])


def _said(error: httpx.TransportError) -> str:
    """Return what went wrong; of what was sent nothing is quoted."""
    if isinstance(error, httpx.ConnectError):
        return f"no connection: {line(str(error))}"
    if isinstance(error, httpx.TimeoutException):
        return "no answer"
    return f"no answer: {type(error).__name__}"


def _asked(text: str) -> float | None:
    """Return how long `Retry-After` asks to wait: seconds, or until a date."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Again) and error.after is not None:
        return error.after
    pause = tenacity.wait_exponential(0.5, LONGEST) + tenacity.wait_random(0, 0.2)
    return pause(state)
