"""JSON, read strictly: no key twice, no NaN; places are found only when needed."""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import Mistake
from chaos_mcp.experiment.plain import Refused, deep, unplain

if TYPE_CHECKING:
    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.places import Positions

_UNUSUAL = re.compile(r"\\u[dD][89a-fA-F]|[eE]\+?\d\d|NaN|Infinity|\d{300}")
"""Half characters, and numbers that may not be finite."""
_SPACE = " \t\n\r"
_END = ",]} \t\n\r"


def read_json(text: str) -> tuple[Any, list[Mistake]]:
    """Return the value of a JSON text, and what is wrong with it.

    Raise `Refused` with the place where it stops being JSON.
    """
    twice = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        made = dict(found)
        twice = twice or len(made) < len(found)
        return made

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except JSONDecodeError as error:
        problem = f"not valid JSON: {error.msg}"
        mistake = Mistake(problem, line=error.lineno, column=error.colno)
        raise Refused(mistake) from error
    except (ValueError, RecursionError) as error:
        raise Refused(Mistake(f"cannot be read: {error}")) from error
    if deep(value):
        raise Refused(Mistake("it is nested too deeply"))
    # Looking at every value takes longer than all the rest; few texts have cause.
    if _UNUSUAL.search(text) and (strange := unplain(value)):
        return value, [strange]
    return value, _repeated(text) if twice else []


def _repeated(text: str) -> list[Mistake]:
    """Return each key that is written again in the same object."""
    seen: dict[KeyPath, tuple[int, int]] = {}
    mistakes = []
    for path, (line, column) in _walk(text):
        if path in seen:
            first = f"(first in line {seen[path][0]})"
            problem = f"the key {path[-1]!r} is written twice {first}"
            hint = "remove or rename one of them"
            if isinstance(path[-1], str):
                mistakes.append(
                    Mistake(problem, path, line=line, column=column, hint=hint)
                )
        else:
            seen[path] = (line, column)
    return mistakes


def json_positions(text: str) -> Positions:
    """Return where every key of a valid JSON text stands."""
    return dict(_walk(text))


def _walk(text: str) -> list[tuple[KeyPath, tuple[int, int]]]:
    walker = _Walker(text)
    walker.value(0, ())
    return walker.found


class _Walker:
    """Goes through valid JSON once, noting where keys and items begin."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[tuple[KeyPath, tuple[int, int]]] = []
        self._line, self._start, self._seen = 1, 0, 0

    def note(self, at: int, path: KeyPath) -> None:
        breaks = self.text.count("\n", self._seen, at)
        if breaks:
            self._line += breaks
            self._start = self.text.rindex("\n", self._seen, at) + 1
        self._seen = at
        self.found.append((path, (self._line, at - self._start + 1)))

    def space(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _SPACE:
            at += 1
        return at

    def value(self, at: int, path: KeyPath) -> int:
        at = self.space(at)
        match self.text[at]:
            case "{":
                return self.members(at + 1, path)
            case "[":
                return self.items(at + 1, path)
            case '"':
                return int(scanstring(self.text, at + 1)[1])
            case _:
                while at < len(self.text) and self.text[at] not in _END:
                    at += 1
                return at

    def members(self, at: int, path: KeyPath) -> int:
        at = self.space(at)
        while self.text[at] != "}":
            begin = at
            key, at = scanstring(self.text, at + 1)
            self.note(begin, (*path, key))
            at = self.value(self.space(at) + 1, (*path, key))
            at = self.after(at)
        return at + 1

    def items(self, at: int, path: KeyPath) -> int:
        at = self.space(at)
        index = 0
        while self.text[at] != "]":
            self.note(at, (*path, index))
            at = self.after(self.value(at, (*path, index)))
            index += 1
        return at + 1

    def after(self, at: int) -> int:
        at = self.space(at)
        return self.space(at + 1) if self.text[at] == "," else at
