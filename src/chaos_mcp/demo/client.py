"""Talk to a running shop over HTTP, as this project's probes and actions do."""

import ssl
from typing import Any

from chaos_mcp.errors import ActivityFailed

_PATIENCE = 5.0


async def ask(url: str, path: str, patience: float = _PATIENCE) -> dict[str, Any]:
    """Return what the shop at `url` says under `path`, waiting `patience` seconds.

    Raises `ActivityFailed` if there is no answer, or none to the question.
    """
    return await _send("GET", url, path, None, patience)


async def tell(
    url: str,
    path: str,
    message: dict[str, Any] | None = None,
    patience: float = _PATIENCE,
) -> dict[str, Any]:
    """Send `message` to the shop at `url` and return what it answers.

    Raises `ActivityFailed` if there is no answer, or none to the question.
    """
    return await _send("POST", url, path, message, patience)


async def _send(
    method: str, url: str, path: str, message: dict[str, Any] | None, patience: float
) -> dict[str, Any]:
    import httpx  # noqa: PLC0415 - 0.1 s, and only needed once the shop is asked

    where = f"{url.rstrip('/')}{path}"
    # An empty trust store: loading the system's would take longer than the question,
    # which goes to this machine.
    trust_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        async with httpx.AsyncClient(
            timeout=patience, trust_env=False, verify=trust_nobody
        ) as client:
            response = await client.request(method, where, json=message)
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ActivityFailed(
            f"{method} {where}: {error or type(error).__name__}"
        ) from error
    return answer
