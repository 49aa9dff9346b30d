"""The command as a person has it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
Chaos = Callable[..., "subprocess.CompletedProcess[str]"]


def call(
    *arguments: object, cwd: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Call `chaos` in a folder, with these variables set, and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "chaos_mcp.cli", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", **variables},
    )
