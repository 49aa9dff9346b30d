"""Secrets stay secret: their values never reach journal, report or terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = "‹secret›"  # noqa: RUF001 - nothing else is written so
SHORTEST = 4
"""Characters of a secret that is looked for inside longer text.

A shorter one is hidden only where it is all of a string, since it would otherwise
mask half of an ordinary sentence.
"""
CUT = "…"
"""How text ends that was cut short before it was looked at."""
CLOSED = frozenset(
    {
        "by",
        "kind",
        "cause",
        "level",
        "part",
        "phase",
        "role",
        "status",
        "step",
        "verdict",
    }
    | {"by", "when", "run", "digest", "fault", "owner"}
)
"""Keys of events whose words are the runner's own, whatever somebody's secret is."""
FREE = frozenset({"value", "output", "evidence", "experiment", "detail"})
"""Keys of events that hold whatever somebody's system answers."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces secret values in text and in JSON."""

    inside: re.Pattern[str] | None = None
    """Finds the longer secrets, in any form in which JSON writes them."""
    whole: frozenset[str] = frozenset()
    """All secrets, as text."""

    def __call__(self, line: str) -> str:
        """Return a line of JSON, an object, with every secret masked.

        It stays JSON of the same shape: masking the text as such could hit a number
        or a key. The line is returned as it was where it holds no secret.
        """
        if not self or not self._suspects(line):
            return line
        data = json.loads(line)
        hidden = {
            key: value if key in CLOSED else self.json(value, free=key in FREE)
            for key, value in data.items()
        }
        if hidden == data:
            return line
        return json.dumps(hidden, ensure_ascii=False, separators=(",", ":"))

    def __bool__(self) -> bool:
        """Tell whether there is anything to hide."""
        return bool(self.whole)

    def _suspects(self, line: str) -> bool:
        if self.inside and (CUT in line or self.inside.search(line)):
            return True
        return any(len(one) < SHORTEST and one in line for one in self.whole)

    def text(self, text: str) -> str:
        """Return plain text with every secret masked."""
        if text in self.whole:
            return MASK
        hidden = self.inside.sub(MASK, text) if self.inside else text
        return self._without_stump(hidden) if hidden.endswith(CUT) else hidden

    def _without_stump(self, text: str) -> str:
        """Return text that was cut short without the beginning of a secret at its end.

        It was too long for one line, and what is left of the secret is no secret whole.
        """
        body = text.removesuffix(CUT)
        stumps = (
            length
            for secret in self.whole
            for length in range(min(len(secret) - 1, len(body)), SHORTEST - 1, -1)
            if body.endswith(secret[:length])
        )
        longest = max(stumps, default=0)
        return f"{body[: len(body) - longest]}{MASK}{CUT}" if longest else text

    def json(self, value: Any, *, free: bool = True) -> Any:
        """Return a JSON value with every secret masked.

        If it is `free`, so are its keys, and numbers that are a secret.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self._key(key) if free else key: self.json(inner, free=free)
                for key, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.json(inner, free=free) for inner in value]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        secret = free and number and len(str(value)) >= SHORTEST
        return MASK if secret and str(value) in self.whole else value

    def _key(self, key: str) -> str:
        return self.inside.sub(MASK, key) if self.inside else key


def redactor(secrets: Any) -> Redactor:
    """Return what hides all values in a tree of secrets."""
    whole = frozenset(filter(None, _values(secrets)))
    forms = {
        form
        for value in whole
        if len(value) >= SHORTEST
        for form in (value, _escaped(value), _escaped(value, ascii_only=True))
    }
    # The longest first, so that of two that begin alike none is half shown.
    longest_first = sorted(forms, key=len, reverse=True)
    pattern = "|".join(re.escape(form) for form in longest_first)
    return Redactor(re.compile(pattern) if forms else None, whole)


def _values(secrets: Any) -> Iterator[str]:
    """Yield the values of a tree as text; true and false are nobody's secret."""
    if isinstance(secrets, Mapping):
        for value in secrets.values():
            yield from _values(value)
    elif isinstance(secrets, list | tuple):
        for value in secrets:
            yield from _values(value)
    elif isinstance(secrets, bytes):
        yield secrets.decode("utf-8", "replace")
    elif secrets is not None and not isinstance(secrets, bool):
        yield str(secrets)


def _escaped(value: str, *, ascii_only: bool = False) -> str:
    """Return the value as it stands inside a JSON string."""
    return json.dumps(value, ensure_ascii=ascii_only)[1:-1]
