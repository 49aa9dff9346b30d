"""Whatever a file holds, it is an experiment or a list of mistakes, and never else."""

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.experiment.load import Loaded, load, load_data, load_text
from tests.experiment.texts import nearly

FRAGMENTS = (
    "title: x\n",
    "a: &a ",
    "*a",
    "<<: ",
    "- ",
    "? ",
    "!!python/name:os.system ",
    "!",
    "|\n  x\n",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "\n",
    "  ",
    "---\n",
    "...",
    "%YAML 1.1\n",
    "'",
    '"',
    "\\",
    "\t",
    "method:\n",
    "\x00",
    "\ufeff",
    "0x",
    "1e999",
    "2001-01-01",
    "~",
)
raw_text = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=20)


def outcome(text: str, name: str) -> Loaded | InvalidExperiment:
    try:
        return load_text(text, Path(name))
    except InvalidExperiment as refused:
        return refused


@given(st.binary(max_size=200), st.sampled_from([".yaml", ".json"]))
def test_any_bytes_are_an_experiment_or_mistakes(
    tmp_path_factory: Any, content: bytes, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)

    found: Any = None
    try:
        found = load(path)
    except InvalidExperiment as refused:
        found = refused

    assert isinstance(found, Loaded) or found.mistakes


@given(raw_text.map("".join), st.sampled_from(["x.yaml", "x.json"]))
def test_any_text_is_an_experiment_or_mistakes(text: str, name: str) -> None:
    found = outcome(text, name)

    assert isinstance(found, Loaded) or found.mistakes


@given(nearly)
def test_any_mapping_is_an_experiment_or_mistakes_with_places(
    data: dict[str, Any],
) -> None:
    found = outcome(json.dumps(data, indent=1), "x.json")

    if isinstance(found, InvalidExperiment):
        assert all(mistake.problem for mistake in found.mistakes)
        assert all(
            mistake.line for mistake in found.mistakes if mistake.path[:-1] and data
        )


@given(nearly)
def test_yaml_and_json_say_the_same(data: dict[str, Any]) -> None:
    as_json = outcome(json.dumps(data), "x.json")
    as_yaml = outcome(yaml.safe_dump(data, sort_keys=False), "x.yaml")

    assert told(as_json) == told(as_yaml)


def told(found: Loaded | InvalidExperiment) -> Any:
    """Return the experiment, or what is wrong with it wherever it stands."""
    if isinstance(found, Loaded):
        return found.experiment
    return {(mistake.path, mistake.problem) for mistake in found.mistakes}


@given(nearly)
def test_a_mapping_given_by_a_program_is_read_as_a_file_is(
    data: dict[str, Any],
) -> None:
    as_file = outcome(json.dumps(data), "x.json")
    try:
        as_data: Any = load_data(data, Path())
    except InvalidExperiment as refused:
        as_data = refused

    assert told(as_file) == told(as_data)
