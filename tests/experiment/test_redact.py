"""A secret's value is nowhere in what was written down, which stays whole."""

import json
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chaos_mcp import events
from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.events import EVENT, ProbeMeasured
from chaos_mcp.experiment.load import load_text
from chaos_mcp.experiment.redact import CLOSED, MASK, SHORTEST, redactor
from chaos_mcp.journal.words import LONGEST
from chaos_mcp.journal.words import line as one_line
from tests.experiment.texts import json_values

secret_texts = st.text(min_size=SHORTEST, max_size=12)


def line(value: Any, **more: Any) -> str:
    event = ProbeMeasured(
        name="p", role="method", verdict="held", value=value, duration=0.1234, **more
    )
    return event.model_dump_json()


def test_a_secret_is_hidden_inside_longer_text() -> None:
    hidden = redactor({"g": {"token": "hunter2"}})(line("Bearer hunter2!"))

    assert EVENT.validate_json(hidden).value == f"Bearer {MASK}!"  # type: ignore[union-attr]


def test_a_short_secret_is_hidden_only_where_it_is_all() -> None:
    hide = redactor({"pin": "me"})

    assert hide.json(["me", "some time", {"me": "me"}]) == [
        MASK,
        "some time",
        {"me": MASK},
    ]


def test_a_secret_number_is_hidden_in_answers_and_nowhere_else() -> None:
    hidden = json.loads(redactor({"pin": 1234, "at": 0.1234})(line([1234, "1234"])))

    assert hidden["value"] == [MASK, MASK]
    assert hidden["duration"] == 0.1234


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    assert redactor(["pass", "password"]).text("password") == MASK
    assert redactor(["pass", "password"]).text("a password.") == f"a {MASK}."


@pytest.mark.parametrize("secret", ["held", "probe.measured", "true", '":"', "null"])
def test_a_secret_that_is_a_word_of_ours_leaves_events_whole(secret: str) -> None:
    before = line({"a": True, "b": None}, why="x")

    hidden = redactor({"s": secret})(before)

    assert EVENT.validate_json(hidden) == EVENT.validate_json(before)


def test_nothing_is_hidden_where_there_are_no_secrets() -> None:
    assert not redactor({})
    assert not redactor({"a": None, "b": True, "c": ""})
    assert redactor({})("no JSON") == "no JSON"


def test_every_closed_word_of_an_event_is_known() -> None:
    kinds = [one for one in vars(events).values() if isinstance(one, type)]
    fields = {
        name
        for kind in kinds
        if issubclass(kind, events.BaseEvent)
        for name, field in kind.model_fields.items()
        if "Literal" in repr(get_origin(field.annotation) or field.annotation)
        or any("Literal" in repr(arg) for arg in get_args(field.annotation))
    }

    assert fields <= CLOSED


@given(secret_texts, st.text(max_size=5), st.text(max_size=5))
def test_no_secret_is_left_in_a_line(secret: str, before: str, after: str) -> None:
    assume(secret not in MASK)
    hide = redactor({"s": secret})

    hidden = json.loads(hide(line([before + secret + after, {secret: 1}])))

    assert hidden["value"] == hide.json([before + secret + after, {secret: 1}])
    assert secret not in hidden["value"][0].replace(MASK, "")


@given(st.integers(0, LONGEST + 20))
def test_the_beginning_of_a_secret_is_hidden_where_a_line_was_cut(before: int) -> None:
    secret = "hunter2-hunter3-hunter4"  # noqa: S105 - nobody's
    cut = one_line("x" * before + secret + "x" * LONGEST)
    hide = redactor({"s": secret})

    hidden = json.loads(hide(line([cut])))["value"][0]

    assert hidden == hide.text(cut)
    assert secret[:SHORTEST] not in hidden


def test_a_line_that_was_cut_elsewhere_stays_as_it_is() -> None:
    hide = redactor({"s": "hunter2"})

    assert hide.text("the hunt…") == f"the {MASK}…"
    assert hide.text("the hun…") == "the hun…"
    assert hide.text("hunt and more…") == "hunt and more…"


@given(json_values, st.lists(json_values, max_size=3))
def test_a_masked_event_is_still_an_event(value: Any, secrets: list[Any]) -> None:
    hidden = redactor(secrets)(line(value))

    assert EVENT.validate_json(hidden).kind == "probe.measured"


@given(st.text("abcdefgh0123456789", min_size=6, max_size=12))
def test_no_mistake_quotes_a_secret(secret: str) -> None:
    text = f"""\
title: x
secrets: {{g: {{token: "{secret}s", n: {{type: env, key: NONE}}}}}}
recovery: {{within: "${{token}}"}}
seed: "${{g.token}}"
perturbations: [{{fault: "${{tokn}}", for: "${{token}}"}}]
"""
    with pytest.raises(InvalidExperiment) as caught:
        load_text(text, Path("x.yaml"))

    assert len(caught.value.mistakes) == 5
    assert secret not in str(caught.value)
