"""News as JSON to a URL of yours, signed so that the receiver can tell they are ours.

Signed as Standard Webhooks has it (https://www.standardwebhooks.com, spec 1.0.0), for
which there are libraries in most languages: `webhook-signature` is `v1,` and the Base64
of HMAC-SHA256 over `ID.TIMESTAMP.BODY`.
"""

from __future__ import annotations

import hmac
import time
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

from pydantic import BeforeValidator, Field, SecretStr

from chaos_mcp.notify.base import Address, Channel, Token
from chaos_mcp.notify.post import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.notify.news import News
    from chaos_mcp.notify.post import Post

SHORTEST = 24
"""Bytes of a key, as the specification has it."""


def _key(value: Any) -> Any:
    """Refuse what is no key, without saying what it is."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    try:
        long_enough = len(bytes_of(text.strip())) >= SHORTEST
    except ValueError:
        long_enough = False
    if not long_enough:
        how = "whsec_$(openssl rand -base64 32)"
        raise ValueError(f"is no key of 24 bytes or more in Base64: make one: {how}")
    return SecretStr(text.strip())


def _lines(value: Any) -> Any:
    """Read `Name: value` a line, as a variable of the environment has it."""
    if isinstance(value, str):
        pairs = (line.partition(":") for line in value.splitlines() if line.strip())
        return {name.strip(): text.strip() for name, _, text in pairs}
    return value


class Webhook(Channel):
    """Tell it to any program: JSON, signed as Standard Webhooks has it."""

    kind = "webhook"
    example = (
        "[tool.chaos.notify.webhook]\n"
        'on = ["failure", "recovery"]\n'
        'url = {type = "env", key = "HOOK_URL"}\n'
        'key = {type = "file", path = "/run/secrets/hook"}'
    )

    url: Address = Field(description="Where it is posted to.")
    key: Annotated[SecretStr, BeforeValidator(_key)] = Field(
        description="What it is signed with: whsec_ and Base64."
    )
    headers: Annotated[dict[str, Token], BeforeValidator(_lines)] = Field(
        default_factory=dict, description="Sent as well, such as Authorization."
    )

    async def tell(self, news: News, post: Post) -> None:
        """Post the message; what a receiver answers by 2xx it has taken."""
        said, body = f"msg_{uuid4().hex}", news.message.model_dump_json().encode()

        def headers() -> Mapping[str, str]:
            own = {name: one.get_secret_value() for name, one in self.headers.items()}
            now = int(time.time())
            signed = signature(self.key.get_secret_value(), said, now, body)
            return {
                **own,
                "content-type": "application/json",
                "webhook-id": said,
                "webhook-timestamp": str(now),
                "webhook-signature": signed,
            }

        check(await post("POST", self.url.get_secret_value(), headers, body))


def signature(key: str, said: str, now: int, body: bytes) -> str:
    """Return what stands in `webhook-signature`."""
    signed = hmac.new(bytes_of(key), f"{said}.{now}.".encode() + body, sha256)
    return f"v1,{b64encode(signed.digest()).decode()}"


def bytes_of(key: str) -> bytes:
    """Return a key's bytes; raise `ValueError` if it is no Base64."""
    return b64decode(key.removeprefix("whsec_"), validate=True)
