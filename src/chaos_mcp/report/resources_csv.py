"""What each part used, look after look, as comma-separated values."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from chaos_mcp.events import ResourcesMeasured
from chaos_mcp.report.foreign import cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.report.reading import Reading

HEAD = ("at", "part", "name", "cores", "memory_bytes", "why_unknown")


def render(reading: Reading) -> str:
    """Return all lines; what is unknown is left empty."""
    return "".join(pieces(reading))


def pieces(reading: Reading) -> Iterator[str]:
    """Yield the lines of one look at a time."""
    yield _lines([HEAD])
    for event in reading.events:
        if isinstance(event, ResourcesMeasured):
            yield _lines(
                [
                    (event.at, one.part, cell(one.name), one.cores, one.memory, why)
                    for one in event.used
                    for why in [cell(one.why)]
                ]
            )


def _lines(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
