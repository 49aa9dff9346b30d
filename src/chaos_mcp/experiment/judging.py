"""Single judgements: equal, between, compared with a bound, matching."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chaos_mcp.experiment.mistakes import shown
from chaos_mcp.experiment.units import human_duration, parse_quantity

if TYPE_CHECKING:
    from chaos_mcp.terms import Verdict

Judge = Callable[[Any], str]
"""Say what is wrong with an answer; nothing if it is all right."""

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE}
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
}


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What an answer is held against, in words and as a function."""

    words: str
    wrong: Judge

    def judge(self, value: Any) -> tuple[Verdict, str]:
        """Return the verdict on an answer, and what was seen instead."""
        why = self.wrong(value)
        return ("deviated", why) if why else ("held", "")


def within(value: float, low: float, high: float) -> bool:
    """Tell whether a number lies between two others, both included.

    >>> within(0.2, low=0, high=0.5)
    True
    """
    return low <= value <= high


def equal(expected: Any) -> Tolerance:
    """Return the tolerance that only this answer meets; true is not 1."""

    def wrong(value: Any) -> str:
        return "" if same(value, expected) else f"it is {shown(value)}"

    return Tolerance(f"is {shown(expected)}", wrong)


def same(value: Any, expected: Any) -> bool:
    """Tell whether two JSON values are equal, booleans and numbers kept apart."""
    if isinstance(value, bool) != isinstance(expected, bool):
        return False
    if isinstance(value, list) and isinstance(expected, list | tuple):
        return len(value) == len(expected) and all(map(same, value, expected))
    if isinstance(value, Mapping) and isinstance(expected, Mapping):
        keys = value.keys()
        return keys == expected.keys() and all(
            same(value[key], expected[key]) for key in keys
        )
    return bool(value == expected)


def compared(operator: str, text: str) -> Tolerance:
    """Return the tolerance for numbers on one side of a bound; raise `ValueError`."""
    bound = quantity(text)
    if bound is None:
        msg = f"{text!r} is not a number or quantity to compare with"
        raise ValueError(msg)

    def wrong(value: Any) -> str:
        number = as_number(value)
        if number is None:
            return f"{shown(value)} is not a number"
        fine = _OPERATORS[operator](number, bound)
        return "" if fine else f"it is {_measured(number, text)}"

    return Tolerance(f"{operator} {text}", wrong)


def quantity(text: str) -> float | None:
    """Return the number that a quantity stands for, or None."""
    try:
        return parse_quantity(text)
    except ValueError:
        return None


def as_number(value: Any) -> float | None:
    """Return a number for a number or a numeral, but not for true or false."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _measured(number: float, text: str) -> str:
    """Write a number in the manner of the bound that it was compared with."""
    if text.endswith("%"):
        return f"{100 * number:.6g}%"
    if text[-1:] in "smhd" and not text.endswith("/s"):
        return human_duration(number)
    return f"{number:.10g}"


def between(low: float, high: float, words: str) -> Tolerance:
    """Return the tolerance for numbers of a range, both ends included."""
    if low > high:
        msg = f"the range {words} is empty: its lower end comes first"
        raise ValueError(msg)

    def wrong(value: Any) -> str:
        number = as_number(value)
        if number is None:
            return f"{shown(value)} is not a number"
        fine = within(number, low, high)
        return "" if fine else f"it is {_measured(number, words)}"

    return Tolerance(f"between {words.replace(' .. ', ' and ')}", wrong)


def matching(pattern: str, flags: str = "") -> Tolerance:
    """Return the tolerance for text in which a regular expression is found."""
    try:
        with warnings.catch_warnings():
            # `[[` may mean something else in a Python to come.
            warnings.simplefilter("ignore", FutureWarning)
            compiled = re.compile(pattern, sum(_FLAGS[flag] for flag in set(flags)))
    except (re.error, RecursionError, OverflowError) as error:
        msg = f"/{pattern}/ is not a regular expression: {error}"
        raise ValueError(msg) from None

    def wrong(value: Any) -> str:
        text = value if isinstance(value, str) else str(value)
        return "" if compiled.search(text) else f"{shown(value)} does not match"

    return Tolerance(f"matches /{pattern}/", wrong)
