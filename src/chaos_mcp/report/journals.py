"""Runs that were written down: found by id, by folder, or as the last one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError
from chaos_mcp.terms import RUNS

if TYPE_CHECKING:
    from chaos_mcp.report.reading import Reading

LAST = "last"
FILE = "events.jsonl"
"""What the journal is called (`journal.file.FILE`)."""


def find_run(name: str, runs: Path = Path(RUNS)) -> Path:
    """Return the folder of a run: by its id, by its folder, or the `last` one.

    Raise `ChaosError` if there is none.
    """
    for candidate in (Path(name), runs / name):
        if (candidate / FILE).is_file():
            return candidate
    found = sorted(runs.glob(f"*/{FILE}")) if runs.is_dir() else []
    if name == LAST and found:
        return max(found, key=lambda file: file.stat().st_mtime).parent
    known = ", ".join(file.parent.name for file in found[-3:]) or "none"
    raise ChaosError(f"there is no run {name!r} in {runs} (the last ones: {known})")


def reading_of(folder: Path) -> Reading:
    """Return the reading of a run that was written down, whole or not."""
    from chaos_mcp.journal.read import read as read_journal  # noqa: PLC0415 - events
    from chaos_mcp.report.reading import read  # noqa: PLC0415 - as above

    return read(read_journal(folder))
