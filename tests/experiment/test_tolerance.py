"""What `expect:` asks for, in words and in judgement."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.experiment.judging import same
from chaos_mcp.experiment.tolerance import compile_tolerance, within
from tests.experiment.texts import json_values, scalars

ANSWER = {
    "status": 200,
    "latency": 0.3,
    "headers": {"content-type": "application/json"},
    "body": '{"items": [{"price": 4}, {"price": 1}]}',
}


@pytest.mark.parametrize(
    ("expect", "value"),
    [
        ("< 250ms", 0.2),
        ("<= 3", 3),
        ("> 2 GiB", 3 * 2**30),
        (">= 99%", 0.99),
        ("== 50/s", 50),
        ("!= x", "y"),
        ("!= 5", "5"),
        ("!= null", 0),
        ("!= true", 1),
        ("1 .. 5", 5),
        ("0 .. 50%", "0.5"),
        ("100ms .. 1s", 0.1),
        ("/ok/i", "It's OK"),
        ("/^b$/m", "a\nb"),
        ({"matches": "a+"}, "xaa"),
        ({"matches": "^5$"}, 5),
        ({"contains": "x"}, "axe"),
        ({"contains": "x"}, ["x"]),
        ({"contains": "x"}, {"x": 1}),
        ({"one-of": [1, "a"]}, "a"),
        ({"equals": "< 5"}, "< 5"),
        ([200, 204], 204),
        ([200, 204], [200, 204]),
        (None, None),
        (True, True),
        (1, 1.0),
        ("text", "text"),
        ({"status": 200}, ANSWER),
        ({"status": [200, 204], "latency": "< 1s"}, ANSWER),
        ({"headers": {"Content-Type": "/json/"}}, ANSWER),
        ({"body": {"contains": "price"}}, ANSWER),
        ({"json": {"$.items[*].price": "> 0"}}, ANSWER),
        ({"json": {"$.a": 1}}, {"json": {"a": 1}}),
        ({"json": {"$.a": 1}}, {"a": 1}),
        ({"json": {"$.a": 1}}, '{"a": 1}'),
    ],
)
def test_an_answer_that_is_all_right_is_held(expect: Any, value: Any) -> None:
    assert compile_tolerance(expect).judge(value) == ("held", "")


@pytest.mark.parametrize(
    ("expect", "value", "why"),
    [
        ("< 250ms", 0.25, "it is 250 ms"),
        ("< 250ms", None, "nothing is not a number"),
        ("< 250ms", True, "true is not a number"),
        ("<= 3", 4, "it is 4"),
        ("<= 3", 1234567.5, "it is 1234567.5"),
        ("<= 3", "many", "'many' is not a number"),
        (">= 99%", 0.9812, "it is 98.12%"),
        ("> 5/s", 4, "it is 4"),
        ("!= x", "x", "it is 'x'"),
        ("!= null", None, "it is nothing"),
        ("1 .. 5", 5.5, "it is 5.5"),
        ("1 .. 5", "x", "'x' is not a number"),
        ("/ok/", "OK", "'OK' does not match"),
        ({"contains": "x"}, 5, "5 does not contain it"),
        ({"contains": ["x"]}, {}, "{} does not contain it"),
        ({"one-of": [1, 2]}, True, "it is true"),
        ([1, 2], [1, True], "it is [1, True]"),
        (None, 0, "it is 0"),
        (1, True, "it is true"),
        (True, 1, "it is 1"),
        ([[1]], [[True]], "it is [[True]]"),
        ({"equals": {"a": [1]}}, {"a": [True]}, "it is {'a': [True]}"),
        ({"status": 200}, 200, "the answer has no status"),
        ({"status": 200}, {}, "the answer has no status"),
        (
            {"status": 500, "latency": "< 250ms"},
            ANSWER,
            "status: it is 200; latency: it is 300 ms",
        ),
        (
            {"headers": {"X-Trace": "/./"}},
            ANSWER,
            "headers: the answer has no x-trace",
        ),
        ({"headers": {"a": 1}}, {"headers": None}, "headers: the answer has no a"),
        ({"json": {"$.items[*].price": "> 3"}}, ANSWER, "at $.items[*].price: it is 1"),
        ({"json": {"$.nothing": 1}}, ANSWER, "there is nothing at $.nothing"),
    ],
)
def test_an_answer_that_is_not_says_what_was_seen(
    expect: Any, value: Any, why: str
) -> None:
    assert compile_tolerance(expect).judge(value) == ("deviated", why)


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        ({"status": 200, "latency": "< 250 ms"}, "status is 200 and latency < 250 ms"),
        ("1 .. 5", "between 1 and 5"),
        (None, "is nothing"),
        (False, "is false"),
        ("/a/", "matches /a/"),
        ({"json": {"$.a": [1, 2]}}, "$.a is one of [1, 2]"),
        ("!= x", "is not x"),
        ({"one-of": ["a"]}, "is one of ['a']"),
        ({"contains": 5}, "contains 5"),
    ],
)
def test_a_tolerance_says_in_words_what_it_wants(expect: Any, words: str) -> None:
    assert compile_tolerance(expect).words == words


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("<= fast", "'fast' is not a number or quantity to compare with"),
        ("5 .. 1", "the range 5 .. 1 is empty"),
        ("/(/", "/(/ is not a regular expression: missing )"),
        ({}, "an empty mapping expects nothing"),
        ({"status": {}}, "an empty mapping expects nothing"),
        ({"matches": 5}, "`matches` wants a regular expression"),
        ({"one-of": 5}, "`one-of` wants a list of answers"),
        ({"one-of": []}, "`one-of` wants a list of answers"),
        ({"json": 5, "x": {"json": {}}}, "`json` wants a mapping of JSONPaths"),
        ({"json": {"$..[": 1}}, "'$..[' is not a JSONPath"),
        (float("nan"), "NaN is equal to nothing"),
    ],
)
def test_what_means_nothing_is_refused_in_words(
    expect: Any, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        compile_tolerance(expect)

    assert capsys.readouterr() == ("", "")


def test_both_ends_of_a_range_are_within() -> None:
    assert within(0, low=0, high=0.5)
    assert within(0.5, low=0, high=0.5)
    assert not within(0.51, low=0, high=0.5)


expectations = json_values | st.sampled_from(
    ["< 5", ">= 1%", "1 .. 2", "/a/", "!= 3", {"contains": "a"}, {"json": {"$.a": 1}}]
)
FORMS = st.sampled_from(["matches", "contains", "one-of", "equals", "json", "headers"])


@given(expectations | st.dictionaries(FORMS, json_values, max_size=2), json_values)
def test_every_answer_is_judged_and_nothing_is_raised(expect: Any, value: Any) -> None:
    try:
        tolerance = compile_tolerance(expect)
    except ValueError:
        return

    verdict, why = tolerance.judge(value)

    assert tolerance.words
    assert verdict in ("held", "deviated")
    assert bool(why) == (verdict == "deviated")


@given(scalars)
def test_a_plain_answer_is_equal_to_itself_alone(value: Any) -> None:
    tolerance = compile_tolerance({"equals": value})

    assert tolerance.judge(value) == ("held", "")
    assert tolerance.judge([value])[0] == "deviated"


@given(json_values)
def test_every_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_comparison_is_the_comparison(value: float, bound: float) -> None:
    def held(operator: str) -> bool:
        return compile_tolerance(f"{operator} {bound}").judge(value)[0] == "held"

    assert held("<") == (value < bound)
    assert held(">=") == (value >= bound)
    assert held("==") == (value == bound)
