"""Tables and small charts of plain text, no wider than the terminal."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from chaos_mcp.history.sparkline import BLOCKS
from chaos_mcp.journal.words import flat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LEAST_WIDTH = 60
GAP = 2
LEFT = "<"
RIGHT = ">"


def width() -> int:
    """Return how many columns the terminal has."""
    return max(LEAST_WIDTH, shutil.get_terminal_size((80, 24)).columns)


def table(
    rows: Sequence[Sequence[str]], align: str, shrink: int, columns: int | None = None
) -> Iterator[str]:
    """Yield rows in columns, the first row being their heads.

    `align` has a `<` or a `>` for each column; the column `shrink` is cut so that all
    of it fits.
    """
    rows = [[flat(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    over = sum(widths) + GAP * (len(widths) - 1) - (columns or width())
    widths[shrink] = max(8, widths[shrink] - max(0, over))
    for row in rows:
        cells = zip(row, widths, align, strict=True)
        told = (" " * GAP).join(f"{cut(c, w):{a}{w}}" for c, w, a in cells)
        yield told.rstrip()


def cut(text: str, length: int) -> str:
    """Return a text no longer than this, and say so if something is left out."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def chart(
    values: Sequence[float],
    marks: Sequence[int],
    names: tuple[str, str],
    height: int = 8,
) -> Iterator[str]:
    """Yield a column chart, its scale at the left, and marks below some columns."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    steps = height * len(BLOCKS)
    levels = [1 + round((value - low) / span * (steps - 1)) for value in values]
    margin = max(map(len, names))
    for row in reversed(range(height)):
        name = {height - 1: names[1], 0: names[0]}.get(row, "")
        filled = (max(0, min(8, level - 8 * row)) for level in levels)
        line = "".join(BLOCKS[eighths - 1] if eighths else " " for eighths in filled)
        yield f"{name:>{margin}} {'┤' if name else '│'}{line}".rstrip()
    below = "".join("▲" if place in marks else " " for place in range(len(values)))
    yield f"{'':>{margin}} └{'─' * len(values)}"
    if marks:
        yield f"{'':>{margin}}  {below}".rstrip()
