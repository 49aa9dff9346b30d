"""Plain data, as JSON can hold it: what may come in from libraries and JSON files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.errors import KeyPath

DEEPEST = 100
"""Levels of lists and mappings within each other."""
_NESTED = (dict, list)
_PLAIN = (dict, list, tuple, str, int, float, bool, type(None))


class Refused(Exception):
    """The text cannot be taken; says why and where."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.problem)
        self.mistake = mistake


def unplain(data: Any) -> Mistake | None:
    """Return the first thing in data that JSON cannot hold, or None.

    Nothing here recurses, so data that holds itself is only too deep.
    """
    waiting: list[tuple[KeyPath, Any]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        problem = _problem(value) or _wrong_key(value)
        if len(path) > DEEPEST:
            return Mistake("it is nested too deeply", path[:1])
        if problem:
            return Mistake(problem, path)
        waiting.extend(((*path, key), inner) for key, inner in _inside(value))
    return None


def deep(data: Any) -> bool:
    """Tell whether lists and mappings are nested deeper than they may be."""
    level = [data] if isinstance(data, _NESTED) else []
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, _NESTED)
        ]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterator[tuple[str | int, Any]]:
    """Yield what a list or mapping holds, but for what is surely all right."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    for key, inner in items:
        if type(inner) is not int and type(inner) is not bool:
            yield key, inner


def _problem(value: Any) -> str:
    if isinstance(value, str):
        return "" if _whole(value) else "it holds half a character (a surrogate)"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no finite number"
    if isinstance(value, _PLAIN):
        return ""
    return f"a {type(value).__name__} is not plain data"


def _wrong_key(value: Any) -> str:
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                return f"a key must be text, and {key!r} is not"
            if not _whole(key):
                return "a key holds half a character (a surrogate)"
    return ""


def _whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
