"""`--set KEY=VALUE` replaces what is there, and names what is not."""

from pathlib import Path

import pytest

from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.experiment.load import Loaded, load_text

TEXT = """\
title: x
configuration:
  limit: 5s
  a.b: 1
  who: {type: env, key: NOT_SET_ANYWHERE}
recovery: {within: "${limit}"}
perturbations:
- {fault: none, for: 1s}
"""


def loaded(**settings: str) -> Loaded:
    return load_text(TEXT, Path("x.yaml"), {"who": "me", **settings})


def refusal(name: str, value: str) -> str:
    with pytest.raises(InvalidExperiment) as caught:
        loaded(**{name: value})
    return str(caught.value)


def test_a_configuration_value_is_replaced_before_it_is_used() -> None:
    assert loaded(limit="7s").experiment.recovery.within == 7  # type: ignore[union-attr]


def test_an_entry_that_would_have_come_from_the_environment_is_replaced() -> None:
    assert loaded().scope.configuration["who"] == "me"


def test_a_configuration_name_may_hold_a_dot() -> None:
    assert loaded(**{"a.b": "2"}).scope.configuration["a.b"] == 2


@pytest.mark.parametrize("path", ["perturbations[0].for", "perturbations.0.for"])
def test_a_key_of_the_file_is_replaced(path: str) -> None:
    assert loaded(**{path: "3s"}).experiment.perturbations[0].for_ == 3  # type: ignore[union-attr]


def test_a_key_that_the_file_leaves_out_can_be_given() -> None:
    assert loaded(**{"score.threshold": "80"}).experiment.score.threshold == 80


def test_what_was_read_is_kept_as_it_was() -> None:
    assert loaded(**{"perturbations[0].for": "3s"}).raw["perturbations"] == [
        {"fault": "none", "for": "1s"}
    ]


def test_method_is_reached_by_the_name_that_the_file_uses() -> None:
    found = load_text(
        "title: x\nmethod: [{fault: none}]", Path("x"), {"method[0].for": "3s"}
    )

    assert found.experiment.perturbations[0].for_ == 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("5", 5),
        ("true", True),
        ("[a, b]", ["a", "b"]),
        ("a: [", "a: ["),
        ("!!python/name:x y", "!!python/name:x y"),
    ],
)
def test_a_value_is_read_as_yaml_where_it_is_yaml(text: str, value: object) -> None:
    assert loaded(limit="1s", **{"a.b": text}).scope.configuration["a.b"] == value


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "limti",
            "limti: there is nothing of that name\n    did you mean limit?",
        ),
        ("zzz", "--set zzz: there is nothing of that name"),
        ("perturbations[1].for", "did you mean perturbations[0].for?"),
        ("perturbations.x", "--set perturbations.x: there is nothing of that name"),
        ("title.x", "--set title.x: there is nothing of that name"),
        (
            "recovery.wthin",
            'recovery.wthin: there is no such key\n    did you mean "',
        ),
    ],
)
def test_a_name_that_is_nowhere_is_a_mistake(name: str, message: str) -> None:
    assert message in refusal(name, "1s")
