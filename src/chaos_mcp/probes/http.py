"""Ask over HTTP: the answer's status, headers, body, and how long it took."""

from __future__ import annotations

import codecs
import json
import time
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, model_validator

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    import httpx

    from chaos_mcp.adapters.world import World

LARGEST = 256 * 1024
"""Bytes of a body that are kept; the rest is not even read."""


class Http(Probe):
    """Send an HTTP request; the answer has `status`, `headers`, `body`, `latency`.

    `json` is there as well when the body is JSON. `latency` is in seconds, and is
    compared with quantities: `latency: "< 250ms"`. No answer at all is *unknown*.
    """

    kind: ClassVar[str] = "http"
    example: ClassVar[str] = """\
probe: http
url: http://127.0.0.1:8080/health
expect: {status: 200, latency: "< 250ms"}
"""

    url: str = Field(description="Where to ask.")
    method: str = Field(default="GET", description="The HTTP method.")
    headers: dict[str, str] = Field(default_factory=dict, description="Sent along.")
    json_: Any = Field(default=None, alias="json", description="A body, as JSON.")
    body: str | None = Field(default=None, description="A body, as it is.")
    verify_tls: bool = Field(default=True, description="Check the certificate.")

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.json_ is not None and self.body is not None:
            msg = "write either `json` or `body`"
            raise ValueError(msg)
        return self

    async def ask(self, world: World) -> Any:
        """Send the request and return the answer."""
        import httpx  # noqa: PLC0415 - only where something is asked over HTTP

        del world
        began = time.perf_counter()
        try:
            async with (
                httpx.AsyncClient(
                    timeout=None,  # noqa: S113 - every probe has a deadline of its own
                    # Loading certificates takes 30 ms, which plain HTTP need not pay.
                    verify=self.verify_tls and self.url.startswith("https"),
                    trust_env=False,
                ) as client,
                client.stream(
                    self.method, self.url, headers=self.headers, **self._content()
                ) as answer,
            ):
                return await self._answer(answer, began)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = str(error) or type(error).__name__
            raise ActivityFailed(f"{self.url}: {said}") from error

    def _content(self) -> dict[str, Any]:
        if self.json_ is not None:
            return {"json": self.json_}
        return {} if self.body is None else {"content": self.body}

    async def _answer(self, answer: httpx.Response, began: float) -> dict[str, Any]:
        body = b""
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > LARGEST:
                break
        latency = time.perf_counter() - began
        text = body[:LARGEST].decode(_encoding(answer), "replace")
        found = {
            "status": answer.status_code,
            "headers": dict(answer.headers),
            "body": text,
            "latency": round(latency, 6),
        }
        return {**found, **_json(answer, text)}


def _json(answer: httpx.Response, text: str) -> dict[str, Any]:
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    try:
        return {"json": json.loads(text)}
    except ValueError:
        return {}


def _encoding(answer: httpx.Response) -> str:
    """Return the encoding that the answer names, if Python knows it."""
    try:
        return codecs.lookup(answer.charset_encoding or "utf-8").name
    except LookupError:
        return "utf-8"
