"""A number in a command or an environment is the word that it is written as."""

import sys
from pathlib import Path
from typing import Any

import pytest

import chaos_mcp
from chaos_mcp.checked.model import Model
from chaos_mcp.errors import InvalidExperiment
from chaos_mcp.experiment.words import Word
from tests.running import run, write

SERVER = """
import os, socket, sys, time
one = socket.create_server(("127.0.0.1", int(sys.argv[1])))
assert os.environ["RETRIES"] == "3"
time.sleep(600)
"""
CLIENT = """
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
"""


def experiment(word: Any) -> dict[str, Any]:
    web = {
        "name": "web",
        "command": [sys.executable, "-c", SERVER, "${web.port}"],
        "env": {"RETRIES": 3},
    }
    command = [sys.executable, "-c", CLIENT, "${web.port}", word]
    probe = {"name": "answers", "probe": "process", "command": command}
    return {
        "title": "a port in a command",
        "system": {"processes": [web]},
        "steady-state-hypothesis": {"probes": [{**probe, "expect": {"exit_code": 0}}]},
        "method": [{"fault": "none", "for": "0.1s"}],
    }


class Said(Model):
    words: tuple[Word, ...]


@pytest.mark.parametrize(
    ("given", "word"), [(8080, "8080"), (-1, "-1"), ("08", "08"), ("", "")]
)
def test_a_whole_number_is_the_word_that_was_written(given: Any, word: str) -> None:
    assert Said.model_validate({"words": [given]}).words == (word,)


@pytest.mark.parametrize("given", [1.1, True, None, [], {}])
def test_nothing_else_is_taken_for_text(given: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidExperiment, match=r"command\[4\]: must be text"):
        chaos_mcp.validate(write(tmp_path, experiment(given)))


def test_a_port_alone_is_a_word_of_a_command(tmp_path: Path) -> None:
    result = run(tmp_path, experiment(8080))

    assert result.verdict == "PASSED"
