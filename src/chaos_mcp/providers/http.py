"""Send an HTTP request and give its answer as JSON can hold it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from chaos_mcp.errors import ActivityFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, in Chaos Toolkit's terms."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    arguments: Any = None
    """The query of a GET; else the body, as JSON if the headers say so."""
    timeout: float | None = None
    """Seconds; None: as long as it takes."""
    verify_tls: bool = True
    retries: int = 0
    """Of the connection only."""


async def send(call: Call) -> dict[str, Any]:
    """Return `status`, `headers`, `body` and `latency` (seconds) of the answer.

    Raise `ActivityFailed` if there is none.
    """
    import httpx  # noqa: PLC0415 - only where a request is made

    began = time.perf_counter()
    try:
        answer = await _answer(call)
    except httpx.TimeoutException as error:
        raise ActivityFailed(f"{call.url}: no answer in time") from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        said = str(error) or type(error).__name__
        raise ActivityFailed(f"{call.url}: {said}") from error
    return _plain(answer, time.perf_counter() - began)


async def _answer(call: Call) -> httpx.Response:
    """Return the answer at the end of all redirects.

    Loading certificates takes 30 ms, which plain HTTP need not pay, unless it is
    redirected to where they count.
    """
    given = {"headers": call.headers, **_content(call)}
    secure = call.url.lower().startswith("https")
    async with _client(call, verify=secure and call.verify_tls) as client:
        answer = await client.request(call.method.upper(), call.url, **given)
    following = answer.next_request
    if following is None:
        return answer
    if following.method == "GET":
        following.headers.pop("content-type", None)
    async with _client(call, verify=call.verify_tls) as client:
        return await client.send(following, follow_redirects=True)


def _client(call: Call, *, verify: bool) -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415 - loaded already

    transport = httpx.AsyncHTTPTransport(verify=verify, retries=call.retries)
    return httpx.AsyncClient(transport=transport, timeout=call.timeout, trust_env=False)


def _content(call: Call) -> dict[str, Any]:
    """Return the query or body of a request, as `requests` would write them."""
    if not call.arguments:
        return {}
    if call.method.upper() == "GET":
        return {"params": _query(call)}
    headers = {key.lower(): value for key, value in call.headers.items()}
    if headers.get("content-type") == JSON:
        return {"json": call.arguments}
    if isinstance(call.arguments, dict):
        form = {"Content-Type": FORM, **call.headers}
        content = urlencode(list(_pairs(call.arguments)))
        return {"content": content, "headers": form}
    return {"content": str(call.arguments)}


def _query(call: Call) -> str:
    """Return the whole query: what the URL has of one, and the arguments."""
    own = urlsplit(call.url).query
    arguments = call.arguments
    if isinstance(arguments, dict):
        arguments = urlencode(list(_pairs(arguments)))
    return "&".join(part for part in (own, str(arguments)) if part)


def _pairs(arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield names and values; a list is several values, and nothing is none."""
    for name, value in arguments.items():
        for one in value if isinstance(value, list | tuple | dict) else [value]:
            if one is not None:
                yield name, str(one)


def _plain(answer: httpx.Response, latency: float) -> dict[str, Any]:
    return {
        "status": answer.status_code,
        "headers": _headers(answer),
        "body": _body(answer),
        "latency": round(latency, 6),
    }


def _headers(answer: httpx.Response) -> dict[str, str]:
    """Return the headers with their names as they were sent."""
    headers: dict[str, str] = {}
    for name, value in answer.headers.raw:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _body(answer: httpx.Response) -> Any:
    # Chaos Toolkit takes for JSON what says so and nothing more: with a charset
    # behind it, it is text, on which its files rely.
    if answer.headers.get("content-type") == JSON:
        try:
            return answer.json()
        except ValueError:
            return answer.text
    return answer.text
