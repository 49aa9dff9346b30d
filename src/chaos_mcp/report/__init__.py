"""The run told to people and machines: one format a module."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from chaos_mcp.registry import REPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos_mcp.report.reading import Reading


@dataclass(frozen=True, slots=True)
class Format:
    """A way of telling a run, loaded when it is used."""

    file: str
    """What it is called in a run's folder; nothing if it is only printed."""
    module: str

    def render(self, reading: Reading) -> str:
        """Return the run in this format: a pure function of its events.

        Pictures have no text; their `pieces` are bytes.
        """
        text: str = import_module(self.module).render(reading)
        return text

    def pieces(self, reading: Reading) -> Iterator[str | bytes]:
        """Yield the run piece by piece, so that a long one need not be held whole."""
        module = import_module(self.module)
        if hasattr(module, "pieces"):
            yield from module.pieces(reading)
        else:
            yield module.render(reading)


FILES: Mapping[str, str] = {
    "html": "report.html",
    "md": "summary.md",
    "junit": "junit.xml",
    "journal": "journal.json",
    "json": "result.json",
    "csv": "samples.csv",
    "resources-csv": "resources.csv",
    "openmetrics": "metrics.txt",
    "otlp": "trace.otlp.json",
    "otlp-metrics": "metrics.otlp.json",
    "perfetto": "trace.perfetto.json",
    "svg": "chart.svg",
    "png": "chart.png",
    "pdf": "chart.pdf",
}
FORMATS: Mapping[str, Format] = {
    name: Format(FILES.get(name, ""), module) for name, module in REPORTS.items()
}
"""What is built in; `formats.render` knows those of packages as well."""
