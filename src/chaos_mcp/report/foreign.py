"""Text that others wrote, made harmless for formats of one value a place."""

from __future__ import annotations

from functools import lru_cache

from chaos_mcp.journal.words import line

SHORT = 100
"""Characters up to which a text may well be a name that comes again and again."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def plain(text: object) -> str:
    """Return text as one line of bounded length that any encoder takes."""
    told = str(text)
    return _short(told) if len(told) <= SHORT else _plain(told)


def _plain(text: str) -> str:
    return line(text).encode("utf-8", "replace").decode()


_short = lru_cache(maxsize=4096)(_plain)


def cell(text: object) -> str:
    """Return text for a spreadsheet, which shows it and does not compute it."""
    told = plain(text)
    return f"'{told}" if told.startswith(FORMULA) else told


def label(text: object) -> str:
    """Return text as OpenMetrics has it between the quotes of a label."""
    return plain(text).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
