"""Which answers are all right: what people write after `expect:` and `tolerance:`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chaos_mcp.experiment.judging import (
    Tolerance,
    between,
    compared,
    equal,
    matching,
    quantity,
    same,
    within,
)
from chaos_mcp.experiment.mistakes import shown

__all__ = ["Tolerance", "compile_tolerance", "within"]

_COMPARISON = re.compile(r"^\s*(<=|>=|!=|==|<|>)\s*(.+?)\s*$")
_RANGE = re.compile(r"^\s*(\S.*?)\s*\.\.\s*(\S.*?)\s*$")
_REGEX = re.compile(r"^/(.*)/([im]*)$", re.DOTALL)


def compile_tolerance(expect: Any) -> Tolerance:
    """Return what `expect:` asks for; raise `ValueError`, in words, if it is nothing.

    A mapping is taken key by key, text as a comparison (`< 250ms`), a range
    (`1 .. 5`), a regular expression (`/ok/`) or itself, a list as itself or as answers
    of which one is wanted, everything else as itself.
    """
    if isinstance(expect, Mapping):
        return _mapping(expect)
    if isinstance(expect, str):
        return _text(expect)
    if isinstance(expect, float) and expect != expect:  # noqa: PLR0124 - NaN
        msg = "NaN is equal to nothing"
        raise ValueError(msg)
    return _list(expect) if isinstance(expect, list) else equal(expect)


def _text(expect: str) -> Tolerance:
    if found := _COMPARISON.match(expect):
        if found[1] == "!=":
            return _not(compile_tolerance(_scalar(found[2])), found[2])
        return compared(found[1], found[2])
    if found := _REGEX.match(expect):
        return matching(found[1], found[2])
    if found := _RANGE.match(expect):
        ends = [quantity(found[1]), quantity(found[2])]
        if ends[0] is not None and ends[1] is not None:
            return between(ends[0], ends[1], expect)
    return equal(expect)


def _scalar(text: str) -> Any:
    """Return what stands after `!=` as what it looks like."""
    number = quantity(text)
    words = {"true": True, "false": False, "null": None}
    return words.get(text, text) if number is None else number


def _not(inner: Tolerance, text: str) -> Tolerance:
    def wrong(value: Any) -> str:
        return "" if inner.wrong(value) else f"it is {shown(value)}"

    return Tolerance(f"is not {text}", wrong)


def _matches(pattern: Any) -> Tolerance:
    if not isinstance(pattern, str):
        msg = "`matches` wants a regular expression"
        raise ValueError(msg)  # noqa: TRY004 - what tells the user is a `ValueError`
    return matching(pattern)


def _contains(expected: Any) -> Tolerance:
    def wrong(value: Any) -> str:
        try:
            found = expected in value
        except TypeError:
            found = False
        return "" if found else f"{shown(value)} does not contain it"

    return Tolerance(f"contains {shown(expected)}", wrong)


def _one_of(expected: Any) -> Tolerance:
    if not isinstance(expected, list) or not expected:
        msg = "`one-of` wants a list of answers"
        raise ValueError(msg)

    def wrong(value: Any) -> str:
        fine = any(same(value, one) for one in expected)
        return "" if fine else f"it is {shown(value)}"

    return Tolerance(f"is one of {shown(expected)}", wrong)


def _json(expected: Any) -> Tolerance:
    if not isinstance(expected, Mapping) or not expected:
        msg = "`json` wants a mapping of JSONPaths to what is expected there"
        raise ValueError(msg)
    parts = [_at_path(path, compile_tolerance(one)) for path, one in expected.items()]
    return _all(parts)


def _at_path(path: str, inner: Tolerance) -> Tolerance:
    from chaos_mcp.experiment.jsonpath import find  # noqa: PLC0415 - its parser is slow

    find(path, None)

    def wrong(value: Any) -> str:
        found = find(path, value)
        if not found:
            return f"there is nothing at {path}"
        whys = [why for why in map(inner.wrong, found) if why]
        return f"at {path}: {whys[0]}" if whys else ""

    return Tolerance(f"{path} {inner.words}", wrong)


_WORDS: Mapping[str, Callable[[Any], Tolerance]] = {
    "matches": _matches,
    "contains": _contains,
    "one-of": _one_of,
    "equals": equal,
}


def _mapping(expect: Mapping[str, Any]) -> Tolerance:
    if not expect:
        msg = "an empty mapping expects nothing"
        raise ValueError(msg)
    if len(expect) == 1:
        key, value = next(iter(expect.items()))
        if key in _WORDS:
            return _WORDS[key](value)
    return _all([_member(key, value) for key, value in expect.items()])


def _list(expected: list[Any]) -> Tolerance:
    def wrong(value: Any) -> str:
        if same(value, expected) or any(same(value, one) for one in expected):
            return ""
        return f"it is {shown(value)}"

    return Tolerance(f"is one of {shown(expected)}", wrong)


def _member(key: str, expected: Any) -> Tolerance:
    """Return the tolerance for one key of an answer."""
    if key == "json" and isinstance(expected, Mapping):
        return _on_json(_json(expected))
    inner = compile_tolerance(expected)
    if key == "headers" and isinstance(expected, Mapping):
        inner = _lowered(compile_tolerance(lower_keys(expected)))

    def wrong(value: Any) -> str:
        if not isinstance(value, Mapping) or key not in value:
            return f"the answer has no {key}"
        why = inner.wrong(value[key])
        return f"{key}: {why}" if why else ""

    return Tolerance(f"{key} {inner.words}", wrong)


def _on_json(inner: Tolerance) -> Tolerance:
    """Return the tolerance for the JSON of an answer: its own, or that of its body."""

    def wrong(value: Any) -> str:
        if isinstance(value, Mapping):
            value = value.get("json", value.get("body", value))
        return inner.wrong(value)

    return Tolerance(inner.words, wrong)


def _lowered(inner: Tolerance) -> Tolerance:
    """Return the tolerance for HTTP headers, whose names know no case."""

    def wrong(value: Any) -> str:
        return inner.wrong(lower_keys(value) if isinstance(value, Mapping) else value)

    return Tolerance(inner.words, wrong)


def lower_keys(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with all its keys in lower case."""
    return {str(key).lower(): value for key, value in mapping.items()}


def _all(parts: list[Tolerance]) -> Tolerance:
    def wrong(value: Any) -> str:
        return "; ".join(why for why in (part.wrong(value) for part in parts) if why)

    return Tolerance(" and ".join(part.words for part in parts), wrong)
