"""References are replaced by their values, and nothing else is touched."""

from typing import Any

import chaoslib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.experiment.substitute import Scope, references, substitute
from tests.experiment.texts import json_values, scalars

names = st.sampled_from(["a", "b", "host", "unknown"])
pieces = (
    names.map("${{{}}}".format)
    | names.map("${}".format)
    | st.sampled_from(["$${a}", "$$", "$", "{", "}", "x", " ", "${", "${1}", "${}"])
)
templates = st.lists(pieces, max_size=5).map("".join)
configurations = st.dictionaries(st.sampled_from(["a", "b", "host"]), scalars)
secrets = st.dictionaries(
    st.sampled_from(["g", "h"]), st.dictionaries(st.sampled_from(["a", "b"]), scalars)
)


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=6,
    )


@pytest.mark.parametrize("value", [5, True, None, 2.5, "text", [1], {"k": 1}])
def test_a_string_that_is_one_reference_becomes_the_value_with_its_type(
    value: Any,
) -> None:
    assert substitute("${a}", Scope(configuration={"a": value})) is value


def test_in_a_longer_string_the_value_is_written_out() -> None:
    scope = Scope({"shop.address": "127.0.0.1:80"}, configuration={"n": 5})

    assert substitute("http://${shop.address}/${n}", scope) == "http://127.0.0.1:80/5"


def test_a_doubled_dollar_stands_for_the_text_itself() -> None:
    assert substitute("$${a} ${a}", Scope({"a": 1})) == "${a} 1"


def test_late_and_unknown_names_stay() -> None:
    scope = Scope(late=frozenset({"shop.port"}))

    assert substitute("${shop.port} ${x}", scope) == "${shop.port} ${x}"


def test_names_become_known_when_the_system_runs() -> None:
    scope = Scope(late=frozenset({"shop.port"})).knowing({"shop.port": 80})

    assert substitute("${shop.port}", scope) == 80
    assert not scope.late


@pytest.mark.parametrize("name", ["token", "shop.token"])
def test_secrets_are_found_with_and_without_their_group(name: str) -> None:
    scope = Scope(secrets={"shop": {"token": "s3cret"}})

    assert substitute(f"${{{name}}}", scope) == "s3cret"


def test_configuration_comes_before_secrets() -> None:
    scope = Scope(secrets={"a": 2, "g": {"b": 3}}, configuration={"a": 1, "b": 1})

    assert substitute(["${a}", "${b}"], scope) == [1, 1]


def test_the_nearest_name_may_be_late_or_secret() -> None:
    scope = Scope(late=frozenset({"shop.port"}), secrets={"g": {"token": 1}})

    assert scope.nearest("shp.port") == "shop.port"
    assert scope.nearest("g.tokn") == "g.token"
    assert scope.nearest("zzzzzz") is None


def test_references_are_listed_in_order_without_what_is_escaped() -> None:
    data = {"a": ["${x} ${y.z}", 5], "b": "$${no}", "c": ("${w}",)}

    assert list(references(data)) == ["x", "y.z", "w"]


def test_chaos_toolkit_leaves_its_files_alone_where_nothing_is_configured() -> None:
    scope = Scope({"run.id": "7"}, lenient=True)

    assert substitute("echo $$ $${x} $x ${run.id}", scope) == "echo $$ $${x} $x 7"


@given(json_values, st.dictionaries(st.text(min_size=1), json_values))
def test_data_without_references_is_unchanged(
    data: Any, values: dict[str, Any]
) -> None:
    if not any(True for _ in references(data)) and "$${" not in repr(data):
        assert substitute(data, Scope(values)) == data


@given(
    trees(templates | scalars), st.dictionaries(names, st.integers() | st.booleans())
)
def test_substituting_twice_is_substituting_once(
    data: Any, values: dict[str, Any]
) -> None:
    scope = Scope(values)
    if "$${" not in repr(data) and "$$" not in repr(data):
        once = substitute(data, scope)

        assert substitute(once, scope) == once


@given(trees(templates))
def test_what_is_replaced_is_no_reference_any_more(data: Any) -> None:
    scope = Scope(configuration={"a": 1, "b": "x", "host": None})
    if "$${" not in repr(data) and "$$" not in repr(data):
        assert set(references(substitute(data, scope))) <= {"unknown"}


@given(trees(templates | scalars), configurations, secrets)
def test_chaos_toolkit_s_files_come_out_as_chaos_toolkit_has_them(
    data: Any, configuration: dict[str, Any], secrets: dict[str, Any]
) -> None:
    scope = Scope(secrets=secrets, configuration=configuration, lenient=True)
    if configuration or secrets:
        theirs = chaoslib.substitute(data, configuration, secrets)

        assert substitute(data, scope) == theirs
