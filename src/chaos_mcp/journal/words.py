"""Figures and foreign values as a person reads them, in one line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_mcp.events import JSON

LONGEST = 240
"""Characters of somebody else's text that one line shows."""
KILO = 1000
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def line(text: str) -> str:
    """Return a text as one line of bounded length, without control characters."""
    short = flat(text[: 8 * LONGEST])
    return short if len(short) <= LONGEST else short[: LONGEST - 1] + "…"


def flat(text: str) -> str:
    """Return a text as one line without control characters, however long."""
    return _BLANK.sub(" ", text).strip()


def share(ratio: float) -> str:
    """Return a ratio as a percentage: `12 %`, `99.6 %`."""
    return f"{100 * ratio:.3g} %" if ratio < 1 else f"{100 * ratio:.0f} %"


def seconds(time: float) -> str:
    """Return a duration with the unit that suits it: `340 ms`, `2.5 s`."""
    return f"{KILO * time:.3g} ms" if abs(time) < 1 else f"{time:.4g} s"


def size(amount: float) -> str:
    """Return a number of bytes with the unit that suits it: `3.4 kB`."""
    for unit in ("B", "kB", "MB"):
        if abs(amount) < KILO:
            return f"{amount:.3g} {unit}"
        amount /= KILO
    return f"{amount:.3g} GB"


def value(thing: JSON) -> str:
    """Return any JSON value as one line."""
    if isinstance(thing, str):
        return line(thing)
    return line(json.dumps(thing, ensure_ascii=False, default=str))


def evidence(thing: JSON) -> str:
    """Return what a fault showed for itself: `12 connections held, 3.4 kB dropped`.

    What it did none of is left out, unless it did nothing at all.
    """
    if thing is None:
        return ""
    if not isinstance(thing, dict):
        return value(thing)
    facts = {str(key): item for key, item in thing.items()}
    telling = any(_number(item) and item for item in facts.values())
    told = (
        _fact(key, item)
        for key, item in facts.items()
        if item or not _number(item) or not telling
    )
    return line(", ".join(told))


def _number(item: JSON) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool)


def _fact(key: str, item: JSON) -> str:
    what = key.replace("_", " ")
    if not _number(item):
        return f"{what}: {value(item)}"
    if what.startswith("bytes ") or what.endswith("bytes"):
        of = what.removeprefix("bytes ").removesuffix("bytes")
        return f"{size(item)} {of}".strip()
    return f"{item:.6g} {what}"
