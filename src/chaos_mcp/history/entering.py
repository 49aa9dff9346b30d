"""Runs are entered in the history; that it fails harms no run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.history.store import Store
    from chaos_mcp.report.reading import Reading


def enter(reading: Reading, folder: Path) -> str:
    """Enter a run in the store; return why it could not be, or nothing."""
    try:
        from chaos_mcp.history.entry import entry_of  # noqa: PLC0415 - may fail too
        from chaos_mcp.history.store import store  # noqa: PLC0415 - as above

        store().enter([entry_of(reading, folder)])
    except Exception as error:  # noqa: BLE001 - whatever a database does, the run stands
        return line(str(error) or type(error).__name__)
    return ""


def enter_folders(folders: list[Path], into: Store) -> tuple[list[str], list[str]]:
    """Enter all runs under some folders; return their ids, and what is no run."""
    found: list[Entry] = []
    failed: list[str] = []
    for folder in sorted(one for root in folders for one in _runs(root)):
        entry, why = _entry(folder)
        if entry:
            found.append(entry)
        else:
            failed.append(f"{folder}: {why}")
    into.enter(found)
    return [entry.run for entry in found], failed


def _entry(folder: Path) -> tuple[Entry | None, str]:
    from chaos_mcp.errors import ChaosError  # noqa: PLC0415 - with the rest
    from chaos_mcp.history.entry import entry_of  # noqa: PLC0415 - with the rest
    from chaos_mcp.report.journals import reading_of  # noqa: PLC0415 - loads events

    try:
        reading = reading_of(folder)
    except ChaosError as error:
        return None, str(error)
    if not reading.events:
        return None, "its journal is empty"
    return entry_of(reading, folder), ""


def _runs(root: Path) -> Iterator[Path]:
    from chaos_mcp.report.journals import FILE  # noqa: PLC0415 - with the rest

    if (root / FILE).is_file():
        yield root
    else:
        yield from (file.parent for file in root.glob(f"*/{FILE}"))
