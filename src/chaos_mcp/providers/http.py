"""Send an HTTP request and give its answer as JSON can hold it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ActivityFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

JSON = "application/json"


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

    # Loading certificates takes 30 ms, which plain HTTP need not pay.
    verify = call.verify_tls and call.url.startswith("https")
    transport = httpx.AsyncHTTPTransport(verify=verify, retries=call.retries)
    began = time.perf_counter()
    try:
        async with httpx.AsyncClient(
            transport=transport,
            timeout=call.timeout,
            trust_env=False,
            follow_redirects=True,
        ) as client:
            answer = await client.request(
                call.method.upper(), call.url, headers=call.headers, **_content(call)
            )
    except httpx.TimeoutException as error:
        raise ActivityFailed(f"{call.url}: no answer in time") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = str(error) or type(error).__name__
        raise ActivityFailed(f"{call.url}: {said}") from error
    return _plain(answer, time.perf_counter() - began)


def _content(call: Call) -> dict[str, Any]:
    if call.arguments is None:
        return {}
    if call.method.upper() == "GET":
        return {"params": call.arguments}
    headers = {key.lower(): value for key, value in call.headers.items()}
    if headers.get("content-type") == JSON:
        return {"json": call.arguments}
    if isinstance(call.arguments, str | bytes):
        return {"content": call.arguments}
    return {"data": call.arguments}


def _plain(answer: httpx.Response, latency: float) -> dict[str, Any]:
    body: Any = answer.text
    if answer.headers.get("content-type", "").split(";")[0] == JSON:
        try:
            body = answer.json()
        except ValueError:
            body = answer.text
    return {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "body": body,
        "latency": round(latency, 6),
    }
