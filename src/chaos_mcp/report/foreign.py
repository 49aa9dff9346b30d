"""Text that others wrote, made harmless for formats of one value a place."""

from __future__ import annotations

from chaos_mcp.journal.words import line

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def plain(text: object) -> str:
    """Return text as one line of bounded length that any encoder takes."""
    return line(str(text)).encode("utf-8", "replace").decode()


def cell(text: object) -> str:
    """Return text for a spreadsheet, which shows it and does not compute it."""
    told = plain(text)
    return f"'{told}" if told.startswith(FORMULA) else told


def label(text: object) -> str:
    """Return text as OpenMetrics has it between the quotes of a label."""
    return plain(text).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
