"""The command as a person has it: a process of its own, or called in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Chaos = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def chaos(tmp_path: Path) -> Chaos:
    """Call `chaos` in an empty folder and return what it said."""

    def call(
        *arguments: object, cwd: Path = tmp_path
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "chaos_mcp.cli", *map(str, arguments)],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        )

    return call
