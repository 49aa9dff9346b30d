"""Tolerances of Chaos Toolkit's files mean what they mean to Chaos Toolkit."""

import re
from typing import Any

import pytest
from chaoslib.exceptions import InvalidActivity
from chaoslib.hypothesis import ensure_hypothesis_tolerance_is_valid, within_tolerance
from hypothesis import example, given
from hypothesis import strategies as st

from chaos_mcp.experiment.toolkit_tolerance import compile_toolkit
from tests.experiment.texts import json_values

numbers = st.integers(-3, 3) | st.floats(-3, 3)
targets = st.fixed_dictionaries({}, optional={"target": st.sampled_from(["body", "a"])})
regexes = st.fixed_dictionaries(
    {"type": st.just("regex"), "pattern": st.sampled_from(["", "a+", "^b", "["])}
)
paths = st.sampled_from(["$.a", "$[*]", "$.a[0]", " $.b ", "", "$.["])
jsonpaths = st.fixed_dictionaries(
    {"type": st.just("jsonpath"), "path": paths},
    optional={"count": st.integers(0, 2) | st.none(), "expect": json_values},
)
ranges = st.fixed_dictionaries(
    {"type": st.just("range"), "range": st.lists(numbers, max_size=3)}
)
tolerances = (
    st.booleans()
    | st.integers(-2, 300)
    | st.sampled_from(["a", "200", ""])
    | st.lists(numbers | st.text(max_size=2), max_size=3)
    | st.tuples(regexes | jsonpaths | ranges, targets).map(lambda two: two[0] | two[1])
    | json_values
)
answers = (
    json_values
    | numbers
    | st.fixed_dictionaries(
        {"status": st.sampled_from([200, 2, 0, "a"]), "body": json_values}
    )
    | st.sampled_from(['{"a": [1, 2]}', "aab", "1", "1.5"])
    | st.dictionaries(st.sampled_from(["a", "b", "body"]), json_values)
)


def theirs(tolerance: Any, value: Any) -> str:
    """Return their verdict; to fail over an answer is not to be content with it."""
    try:
        return "held" if within_tolerance(tolerance, value) else "deviated"
    except (TypeError, AttributeError, ValueError, ArithmeticError):
        return "deviated"


def they_accept(tolerance: Any) -> bool:
    try:
        ensure_hypothesis_tolerance_is_valid(tolerance)
    except (InvalidActivity, AttributeError, TypeError):
        return False
    return True


@given(tolerances, answers)
@example([1, 3], {"status": 2})
@example([1, 3], {"status": 3})
@example([1, 3], 2)
def test_verdicts_are_chaos_toolkit_s(tolerance: Any, value: Any) -> None:
    if they_accept(tolerance):
        assert compile_toolkit(tolerance).judge(value)[0] == theirs(tolerance, value)


@given(tolerances, answers)
def test_every_answer_is_judged_and_nothing_is_raised(
    tolerance: Any, value: Any
) -> None:
    try:
        compiled = compile_toolkit(tolerance)
    except ValueError:
        return

    verdict, why = compiled.judge(value)

    assert bool(why) == (verdict == "deviated")


@pytest.mark.parametrize(
    ("tolerance", "message"),
    [
        (None, "a tolerance is a number, a text"),
        ({"type": "nearly"}, "'nearly' is none of regex, jsonpath, range, probe"),
        ({"type": "regex"}, "a regex tolerance needs a `pattern`"),
        ({"type": "regex", "pattern": "("}, "is not a regular expression"),
        ({"type": "jsonpath"}, "a jsonpath tolerance needs a `path`"),
        ({"type": "jsonpath", "path": "$.["}, "is not a JSONPath"),
        ({"type": "range", "range": [1]}, "a list of two numbers"),
    ],
)
def test_what_means_nothing_is_refused_in_words(tolerance: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        compile_toolkit(tolerance)


@pytest.mark.parametrize(
    ("tolerance", "value", "why"),
    [
        (200, {"status": 503}, "it is 503"),
        ([1, 3], 5, "it is 5"),
        ([1, 3], "x", "it is 'x'"),
        ({"type": "regex", "pattern": "a", "target": "body"}, {"body": 5}, "5 is not "),
        ({"type": "jsonpath", "path": "$.a", "count": 2}, {"a": 1}, "$.a gives 1 "),
        ({"type": "jsonpath", "path": "$.a", "expect": 2}, {"a": 1}, "$.a gives [1]"),
        ({"type": "range", "range": [1, 3]}, "x", "'x' is not a number"),
    ],
)
def test_a_deviation_says_what_was_seen(tolerance: Any, value: Any, why: str) -> None:
    assert compile_toolkit(tolerance).judge(value)[1].startswith(why)


@pytest.mark.parametrize(
    ("tolerance", "words"),
    [
        ({"type": "regex", "pattern": "a", "target": "body"}, "body matches /a/"),
        ({"type": "range", "range": [1, 3]}, "between 1 and 3"),
        ([1, 3], "is in [1, 3]"),
        (True, "is true"),
    ],
)
def test_a_tolerance_says_in_words_what_it_wants(tolerance: Any, words: str) -> None:
    assert compile_toolkit(tolerance).words == words
