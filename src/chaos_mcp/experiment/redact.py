"""Secrets stay secret: their values never reach journal, report or terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = "[secret]"
SHORTEST = 4
"""Shorter values would mask half of an ordinary text."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces secret values in text, JSON lines included."""

    forms: tuple[str, ...] = ()
    """Every way in which a secret may be written, the longest first."""

    def __call__(self, text: str) -> str:
        """Return the text with every secret masked."""
        for form in self.forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def __bool__(self) -> bool:
        """Tell whether there is anything to hide."""
        return bool(self.forms)


def redactor(secrets: Any) -> Redactor:
    """Return what hides all values in a tree of secrets."""
    forms = {
        form
        for value in _values(secrets)
        if len(value) >= SHORTEST
        for form in (value, _escaped(value), _escaped(value, ascii_only=True))
    }
    return Redactor(tuple(sorted(forms, key=len, reverse=True)))


def _values(secrets: Any) -> Iterator[str]:
    if isinstance(secrets, Mapping):
        for value in secrets.values():
            yield from _values(value)
    elif isinstance(secrets, list | tuple):
        for value in secrets:
            yield from _values(value)
    elif secrets is not None and not isinstance(secrets, bool):
        yield str(secrets)


def _escaped(value: str, *, ascii_only: bool = False) -> str:
    """Return the value as it stands inside a JSON string."""
    return json.dumps(value, ensure_ascii=ascii_only)[1:-1]
