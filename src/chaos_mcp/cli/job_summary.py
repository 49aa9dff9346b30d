"""The summary of a GitHub job: each run's own is added to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_mcp.report import FORMATS

if TYPE_CHECKING:
    from chaos_mcp.runs import Result

VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file, where there is one."""
ROOM = 1024 * 1024
"""Bytes that GitHub takes of a step; of more it shows nothing at all."""


def add(result: Result) -> str:
    """Add a run to the job's summary, if there is one; return why it is not in it."""
    name = os.environ.get(VARIABLE)
    if not name:
        return ""
    file = Path(name)
    text = FORMATS["md"].render(result.reading).encode() + b"\n"
    try:
        if _size(file) + len(text) > ROOM:
            return "it is full"
        with file.open("ab") as summary:
            summary.write(text)
    except OSError as error:
        return f"{file}: {error.strerror}"
    return ""


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
