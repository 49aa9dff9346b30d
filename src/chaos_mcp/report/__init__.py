"""The run told to people and machines: one format a module."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.report.reading import Reading


@dataclass(frozen=True, slots=True)
class Format:
    """A way of telling a run, loaded when it is used."""

    file: str
    """What it is called in a run's folder; nothing if it is only printed."""
    module: str

    def render(self, reading: Reading) -> str:
        """Return the run in this format: a pure function of its events."""
        module = import_module(f"chaos_mcp.report.{self.module}")
        text: str = module.render(reading)
        return text


FORMATS: Mapping[str, Format] = {
    "terminal": Format("", "terminal"),
    "html": Format("report.html", "html"),
    "md": Format("summary.md", "markdown"),
    "junit": Format("junit.xml", "junit"),
    "journal": Format("journal.json", "chaostoolkit"),
    "json": Format("result.json", "result"),
}
