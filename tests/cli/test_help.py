"""Every command says what it does, with an example, and loads nothing for it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from chaos_mcp import __version__
from chaos_mcp.cli import COMMANDS, commands

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

SDKS = ("kubernetes", "docker", "toxiproxy", "chaoslib", "httpx", "pydantic", "rich")


def helped(*arguments: str) -> str:
    result = CliRunner().invoke(commands, [*arguments, "--help"], prog_name="chaos")
    assert result.exit_code == 0
    return result.output


def test_help(snapshot: SnapshotAssertion) -> None:
    assert helped() == snapshot


@pytest.mark.parametrize("name", [*COMMANDS, "proxy serve", "notify test"])
def test_help_of_each_command(name: str, snapshot: SnapshotAssertion) -> None:
    assert helped(*name.split()) == snapshot


def test_version() -> None:
    result = CliRunner().invoke(commands, ["--version"], prog_name="chaos")

    assert result.output == f"chaos, version {__version__}\n"


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_sdk(option: str) -> None:
    script = (
        "import sys\n"
        "from chaos_mcp.cli import _main\n"
        f"_main([{option!r}])\n"
        f"print([one for one in {SDKS!r} if one in sys.modules])\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert said.splitlines()[-1] == "[]"
