"""Requests as they go out: worked out once by a whole client, sent by a lean one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import h11
import httpx

from chaos_mcp.workload.http import Unsent
from chaos_mcp.workload.pool import Pool
from chaos_mcp.workload.wire import Broken, Origin, Ready

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from chaos_mcp.experiment.model import Request
    from chaos_mcp.workload.wire import Answer

PORTS = {"http": 80, "https": 443}
TOLD = {b"set-cookie", b"content-encoding"}
"""Headers of an answer of which there is something to be made."""


class NoUrl(Unsent):
    """What was given as a URL is none."""

    word = "invalid url"


@dataclass(slots=True)
class Client:
    """Sends requests; keeps connections and cookies, follows no redirect."""

    pool: Pool
    maker: httpx.Client
    """Never sends anything: it knows headers, credentials and cookies."""
    _made: dict[int, tuple[httpx.Request, Ready]] = field(default_factory=dict)

    @classmethod
    def of(cls, requests: Sequence[Request], connections: int) -> Client:
        """Return one for these requests, with so many connections at most.

        No proxy settings of the environment apply, nor its certificates.
        """
        secure = any(one.url.lower().startswith("https") for one in requests)
        maker = httpx.Client(verify=False, trust_env=False)  # noqa: S501 - sends nothing
        return cls(Pool(connections, _tls() if secure else None), maker)

    async def ask(self, request: Request) -> int:
        """Send a request; return the status of the answer, or raise `Unsent`."""
        made, ready = self._ready(request)
        answer = await self.pool.ask(ready)
        if any(name in TOLD for name, _ in answer.headers):
            self._take(made, answer)
        return answer.status

    def _ready(self, request: Request) -> tuple[httpx.Request, Ready]:
        known = self._made.get(id(request))
        if known is None:
            known = self._made[id(request)] = self._make(request)
        return known

    def _make(self, request: Request) -> tuple[httpx.Request, Ready]:
        try:
            made = self.maker.build_request(
                request.method, request.url, **_content(request)
            )
            made = _with_credentials(made)
            return made, _as_sent(made)
        except httpx.InvalidURL as error:
            raise NoUrl(str(error)) from error
        except h11.LocalProtocolError as error:
            raise Broken(str(error)) from error

    def _take(self, made: httpx.Request, answer: Answer) -> None:
        """Keep the cookies of an answer, and see whether its body can be decoded."""
        try:
            response = httpx.Response(
                answer.status,
                headers=answer.headers,
                content=b"".join(answer.body),
                request=made,
            )
        except httpx.DecodingError as error:
            raise Broken(str(error)) from error
        if "set-cookie" in response.headers:
            self.maker.cookies.extract_cookies(response)
            self._made.clear()


def _tls() -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _content(request: Request) -> dict[str, Any]:
    content: dict[str, Any] = {"headers": request.headers}
    if request.json_ is not None:
        content["json"] = request.json_
    elif request.body is not None:
        content["content"] = request.body
    return content


def _with_credentials(made: httpx.Request) -> httpx.Request:
    """Return a request that says who asks, if its URL does."""
    url = made.url
    if not (url.username or url.password):
        return made
    return next(httpx.BasicAuth(url.username, url.password).auth_flow(made))


def _as_sent(made: httpx.Request) -> Ready:
    url = made.url
    if url.scheme not in PORTS or not url.host:
        raise Broken(f"{url} is no address of a server")
    origin = Origin(
        url.scheme == "https",
        url.raw_host.decode("ascii"),
        url.port or PORTS[url.scheme],
    )
    head = h11.Request(
        method=made.method, target=url.raw_path, headers=made.headers.raw
    )
    return Ready(origin, head, made.read())
