"""Configuration and secrets come from where the experiment says."""

from pathlib import Path
from typing import Any

import pytest
from chaoslib import configuration as toolkit
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.experiment.configuration import KINDS, Resolver, convert


def resolver(root: Path = Path(), **environment: str) -> Resolver:
    return Resolver(root, environment=environment)


def test_plain_values_are_themselves() -> None:
    raw = {"a": 1, "b": [2], "c": {"type": "other", "x": 3}}

    assert resolver().configuration(raw) == raw


def test_a_variable_of_the_environment_is_read_as_its_type() -> None:
    entry = {"type": "env", "key": "PORT", "env_var_type": "int"}

    found = resolver(PORT="8080").configuration({"port": entry})

    assert found == {"port": 8080}


def test_a_default_stands_in_for_a_variable_that_is_not_set() -> None:
    entry = {"type": "env", "key": "PORT", "default": "1", "env_var_type": "int"}

    assert resolver().configuration({"port": entry}) == {"port": 1}


def test_a_file_is_read_beside_the_experiment(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")

    found = resolver(tmp_path).secrets({"a": {"type": "file", "path": "token"}}, {})

    assert found == {"a": "s3cret"}


def test_what_a_probe_will_give_is_late() -> None:
    entry = {"type": "probe", "provider": {}}
    ours = resolver()

    assert ours.configuration({"a": entry}) == {}
    assert ours.late == {"a": entry}


def test_secrets_may_stand_in_groups() -> None:
    raw = {"g": {"a": {"type": "env", "key": "A"}, "b": "plain"}, "c": 5}

    assert resolver(A="x").secrets(raw, {}) == {"g": {"a": "x", "b": "plain"}, "c": 5}


def test_secrets_of_other_kinds_are_asked_for_with_the_configuration() -> None:
    asked: list[Any] = []

    def others(entry: Any, configuration: Any) -> str:
        asked.append((entry, configuration))
        return "value"

    entry = {"type": "vault", "path": "x"}
    found = Resolver(Path(), others).secrets({"g": {"a": entry}}, {"vault_addr": "u"})

    assert found == {"g": {"a": "value"}}
    assert asked == [(entry, {"vault_addr": "u"})]


def test_a_secret_that_cannot_be_had_is_a_mistake_where_it_stands() -> None:
    def others(_entry: Any, _configuration: Any) -> str:
        msg = "the vault is sealed"
        raise ValueError(msg)

    ours = Resolver(Path(), others)
    ours.secrets({"g": {"a": {"type": "vault"}}}, {})

    assert [str(one) for one in ours.mistakes] == ["secrets.g.a: the vault is sealed"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"type": "env", "key": "NO"}, "c: the environment has no 'NO'"),
        ({"type": "env"}, "c: `key` names the environment's variable"),
        (
            {"type": "env", "key": "P", "env_var_type": "int"},
            "P: its value is no int",
        ),
        ({"type": "env", "key": "P", "env_var_type": "x"}, "P: env_var_type must be"),
        ({"type": "env", "key": "Q", "default": None, "env_var_type": "int"}, "no int"),
        ({"type": "file"}, "c: `path` names the file"),
        ({"type": "file", "path": "nope"}, "c: cannot read "),
        ({"type": "file", "path": "a\0b"}, "it is not text"),
        ({"type": "file", "path": "/"}, "cannot read /: Is a directory"),
    ],
)
def test_what_cannot_be_read_is_a_mistake(entry: Any, message: str) -> None:
    ours = resolver(P="hunter2")

    ours.configuration({"c": entry})

    assert len(ours.mistakes) == 1
    assert message in str(ours.mistakes[0])
    assert "hunter2" not in str(ours.mistakes[0])


values = st.sampled_from(["1", "1.5", "true", "No", "0", "x", "[1]", '{"a": 2}', ""])


@given(st.sampled_from(KINDS), values)
def test_variables_are_converted_as_chaos_toolkit_converts_them(
    kind: str, text: str
) -> None:
    theirs = outcome(lambda: toolkit.convert_to_type(kind, text))

    assert outcome(lambda: convert(kind, text)) == theirs


def outcome(call: Any) -> Any:
    try:
        return call()
    except ValueError:
        return ValueError
