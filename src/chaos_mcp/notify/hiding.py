"""What of a channel must never be seen: its secrets, in every form they may take."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chaos_mcp.notify.base import Channel

TOKEN = 8
"""Characters from which on a word in a URL's path may be a token."""
VALUE = 6
"""Characters from which on a value in its query is hidden by itself, not only in it."""


def secrets(channels: Iterable[Channel]) -> list[str]:
    """Return what is to be masked wherever it turns up."""
    held = (value for one in channels for value in one.__dict__.values())
    return sorted({form for value in held for form in _forms(value) if form})


def _forms(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _forms(inner)
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        yield text
        yield text.strip()
        yield text.removeprefix("whsec_")
        yield from (word for word in text.split() if len(word) >= TOKEN)
        if "://" in text:
            yield from _parts(text)


def _parts(url: str) -> Iterator[str]:
    """Yield the parts of a URL that may be secret, as written and as meant."""
    parts = urlsplit(url)
    words = [one for one in parts.path.split("/") if _token(one)]
    whole = [parts.path.strip("/")] if words else []
    values = [value for _, value in parse_qsl(parts.query) if len(value) >= VALUE]
    names = _names(parts.username, parts.password)
    for one in (*whole, *words, *values, parts.fragment, *names):
        yield one
        yield unquote(one)


def _names(user: str | None, password: str | None) -> Iterator[str]:
    if user or password:
        meant = f"{unquote(user or '')}:{unquote(password or '')}"
        yield f"{user or ''}:{password or ''}"
        yield b64encode(meant.encode()).decode()  # as the header has it
        yield password or ""
        yield user if user and _token(user) else ""


def _token(word: str) -> bool:
    """Tell a token from a word such as `services`, which stands in many texts."""
    return len(word) >= TOKEN and not (word.isalpha() and word.islower())
