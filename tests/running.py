"""Whole runs in tests: an experiment in a folder of its own, carried out for real."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from chaos_mcp import runs
from chaos_mcp.runs import Options, Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chaos_mcp.events import Event

E = TypeVar("E")


def write(folder: Path, experiment: dict[str, Any], name: str = "it.json") -> Path:
    """Write an experiment where a project would have it."""
    path = folder / "experiments" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"title": "it", **experiment}), "utf-8")
    return path


def run(folder: Path, experiment: dict[str, Any], **options: Any) -> Result:
    """Run an experiment and return what came of it."""
    path = write(folder, experiment)
    chosen = Options(runs=folder / "runs", **options)
    return anyio.run(runs.run, path, chosen)


def kinds(events: Sequence[Event]) -> list[str]:
    """Return the kinds of events, in order."""
    return [event.kind for event in events]


def only(events: Sequence[Any], kind: type[E]) -> list[E]:
    """Return the events of a kind."""
    return [event for event in events if isinstance(event, kind)]
