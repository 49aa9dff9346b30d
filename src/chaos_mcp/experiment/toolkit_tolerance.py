"""Tolerances as Chaos Toolkit has them: scalar, list, range, regex, jsonpath."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from chaos_mcp.experiment.mistakes import shown
from chaos_mcp.experiment.tolerance import Tolerance, matching

PAIR = 2


def compile_toolkit(tolerance: Any) -> Tolerance:
    """Return what Chaos Toolkit means by a tolerance (its hypothesis.py, 1.44).

    Raise `ValueError`, in words, if it means nothing. A tolerance that is a probe is
    the caller's business.
    """
    if isinstance(tolerance, Mapping):
        return _typed(tolerance)
    if isinstance(tolerance, list):
        return _list(tolerance)
    if isinstance(tolerance, bool | str | int | float):
        return _scalar(tolerance)
    msg = "a tolerance is a number, a text, true or false, a list or a mapping"
    raise ValueError(msg)


def _scalar(expected: Any) -> Tolerance:
    def wrong(value: Any) -> str:
        seen = value
        if isinstance(expected, int) and not isinstance(expected, bool):
            seen = _status(value)
        return "" if seen == expected else f"it is {shown(seen)}"

    return Tolerance(f"is {shown(expected)}", wrong)


def _status(value: Any) -> Any:
    """Return the status of an answer that has one, or the answer."""
    if isinstance(value, Mapping) and "status" in value:
        return value["status"]
    return value


def _list(expected: list[Any]) -> Tolerance:
    def wrong(value: Any) -> str:
        seen = _status(value)
        if seen is value and len(expected) == PAIR:
            try:
                fine = expected[0] <= value <= expected[1]
            except TypeError:
                fine = False
        else:
            fine = seen in expected
        return "" if fine else f"it is {shown(seen)}"

    return Tolerance(f"is in {shown(expected)}", wrong)


def _typed(tolerance: Mapping[str, Any]) -> Tolerance:
    match tolerance.get("type"):
        case "regex":
            return _regex(tolerance)
        case "jsonpath":
            return _jsonpath(tolerance)
        case "range":
            return _range(tolerance)
        case other:
            msg = (
                f"the tolerance type {other!r} is none of regex, jsonpath, range, probe"
            )
            raise ValueError(msg)


def _target(tolerance: Mapping[str, Any], value: Any) -> Any:
    target = tolerance.get("target")
    if target and isinstance(value, Mapping):
        return value.get(target, value)
    return value


def _regex(tolerance: Mapping[str, Any]) -> Tolerance:
    pattern = tolerance.get("pattern")
    if not isinstance(pattern, str):
        msg = "a regex tolerance needs a `pattern`"
        raise ValueError(msg)  # noqa: TRY004 - what tells the user is a `ValueError`
    inner = matching(pattern)

    def wrong(value: Any) -> str:
        seen = _target(tolerance, value)
        if not isinstance(seen, str):
            return f"{shown(seen)} is not text"
        return inner.wrong(seen)

    return Tolerance(_named(tolerance, inner.words), wrong)


def _named(tolerance: Mapping[str, Any], words: str) -> str:
    target = tolerance.get("target")
    return f"{target} {words}" if target else words


def _jsonpath(tolerance: Mapping[str, Any]) -> Tolerance:
    from chaos_mcp.experiment.jsonpath import find  # noqa: PLC0415 - its parser is slow

    path = tolerance.get("path")
    if not isinstance(path, str) or not path.strip():
        msg = "a jsonpath tolerance needs a `path`"
        raise ValueError(msg)
    find(path.strip(), None)
    count = tolerance.get("count")

    def wrong(value: Any) -> str:
        found = find(path.strip(), _target(tolerance, value))
        if "expect" in tolerance:
            expected = tolerance["expect"]
            wanted = expected if isinstance(expected, list) else [expected]
            return "" if found == wanted else f"{path} gives {shown(found)}"
        fine = len(found) > 0 if count is None else len(found) == count
        return "" if fine else f"{path} gives {len(found)} values"

    return Tolerance(_named(tolerance, f"{path} is as expected"), wrong)


def _range(tolerance: Mapping[str, Any]) -> Tolerance:
    ends = tolerance.get("range")
    if (
        not isinstance(ends, list)
        or len(ends) != PAIR
        or not all(isinstance(end, int | float) for end in ends)
    ):
        msg = "a range tolerance needs `range`: a list of two numbers"
        raise ValueError(msg)
    low, high = Decimal(ends[0]), Decimal(ends[1])

    def wrong(value: Any) -> str:
        seen = _target(tolerance, value)
        try:
            fine = low <= Decimal(seen) <= high
        except (InvalidOperation, TypeError, ValueError):
            return f"{shown(seen)} is not a number"
        return "" if fine else f"it is {shown(seen)}"

    return Tolerance(_named(tolerance, f"between {ends[0]} and {ends[1]}"), wrong)
