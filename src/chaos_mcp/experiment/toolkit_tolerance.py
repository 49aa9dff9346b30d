"""Tolerances as Chaos Toolkit has them: scalar, list, range, regex, jsonpath."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from chaos_mcp.experiment.judging import Tolerance, matching
from chaos_mcp.experiment.mistakes import shown

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
            return _aimed(tolerance, _regex(tolerance))
        case "jsonpath":
            return _aimed(tolerance, _jsonpath(tolerance))
        case "range":
            return _aimed(tolerance, _range(tolerance))
        case other:
            msg = (
                f"the tolerance type {other!r} is none of regex, jsonpath, range, probe"
            )
            raise ValueError(msg)


def _aimed(tolerance: Mapping[str, Any], inner: Tolerance) -> Tolerance:
    """Return a tolerance for the `target` of an answer, if there is one.

    An answer that is a mapping without it is taken as it is.
    """
    target = tolerance.get("target")
    if not target or not isinstance(target, str):
        return inner

    def wrong(value: Any) -> str:
        if not isinstance(value, Mapping):
            return f"{shown(value)} has no {target}"
        return inner.wrong(value.get(target, value))

    return Tolerance(f"{target} {inner.words}", wrong)


def _regex(tolerance: Mapping[str, Any]) -> Tolerance:
    pattern = tolerance.get("pattern")
    if not isinstance(pattern, str):
        msg = "a regex tolerance needs a `pattern`"
        raise ValueError(msg)  # noqa: TRY004 - what tells the user is a `ValueError`
    inner = matching(pattern)

    def wrong(value: Any) -> str:
        return inner.wrong(value) if isinstance(value, str) else _no_text(value)

    return Tolerance(inner.words, wrong)


def _no_text(value: Any) -> str:
    return f"{shown(value)} is not text"


def _jsonpath(tolerance: Mapping[str, Any]) -> Tolerance:
    from chaos_mcp.experiment.jsonpath import find  # noqa: PLC0415 - its parser is slow

    path = tolerance.get("path")
    if not isinstance(path, str) or not path.strip():
        msg = "a jsonpath tolerance needs a `path`"
        raise ValueError(msg)
    find(path.strip(), None)
    count, expect = tolerance.get("count"), tolerance.get("expect")

    def wrong(value: Any) -> str:
        found = find(path.strip(), value)
        if "expect" in tolerance:
            fine = found == (expect if isinstance(expect, list) else [expect])
            return "" if fine else f"{path} gives {shown(found)}"
        fine = len(found) > 0 if count is None else len(found) == count
        return "" if fine else f"{path} gives {len(found)} values"

    return Tolerance(f"{path} is as expected", wrong)


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
        try:
            fine = low <= Decimal(value) <= high
        except (InvalidOperation, TypeError, ValueError):
            return f"{shown(value)} is not a number"
        return "" if fine else f"it is {shown(value)}"

    return Tolerance(f"between {ends[0]} and {ends[1]}", wrong)
