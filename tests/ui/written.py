"""Journals written to a folder, as a runner would have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.journal.line import seal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chaos_mcp.events import Event

BEGAN = 1_700_000_000.0


def line_of(event: Event) -> bytes:
    return seal(event.model_dump_json().encode())


def written(runs: Path, name: str, events: Iterable[Event]) -> Path:
    """Write a run's journal, and return its folder."""
    folder = runs / name
    folder.mkdir(parents=True)
    dated = [
        one.model_copy(update={"run": name, "wall": BEGAN + one.at}) for one in events
    ]
    (folder / "events.jsonl").write_bytes(b"".join(map(line_of, dated)))
    return folder
