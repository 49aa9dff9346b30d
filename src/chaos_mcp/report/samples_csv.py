"""Every request of the run as comma-separated values, one line each."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from chaos_mcp.events import WorkloadSampled
from chaos_mcp.report.foreign import cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.journal.model import Window, Windows
    from chaos_mcp.report.reading import Reading

HEAD = ("workload", "due", "latency", "result", "window")


class _Line:
    """Gives back what is written, so that no text of a million lines is kept."""

    def write(self, text: str) -> str:
        """Return the line as it was written."""
        return text


def render(reading: Reading) -> str:
    """Return all lines; seconds since the run began, and seconds of latency."""
    return "".join(pieces(reading))


def pieces(reading: Reading) -> Iterator[str]:
    """Yield the lines of one event of the journal at a time."""
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow(HEAD)
    for event in reading.events:
        if isinstance(event, WorkloadSampled):
            name = cell(event.name)
            columns = zip(event.sent, event.latency, event.result, strict=False)
            yield "".join(
                writer.writerow(
                    (name, due, latency, cell(result), _window(due, reading.windows))
                )
                for due, latency, result in columns
            )


def _window(due: float, windows: Windows) -> str:
    """Return in which of the stretches that the score compares a request was due."""
    spans: dict[str, Window | None] = {
        "baseline": windows.baseline,
        "fault": windows.fault,
        "recovery": windows.recovery,
    }
    for name, span in spans.items():
        if span and span.start <= due < span.end:
            return name
    return ""
