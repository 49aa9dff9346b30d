"""JSONPath: pointing into a JSON answer, with Chaos Toolkit's own library."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=256)
def _compiled(path: str) -> Any:
    from jsonpath2.path import Path  # noqa: PLC0415 - its parser takes 100 ms to load

    # The parser prints what it says in its error anyway.
    with redirect_stderr(io.StringIO()):
        return Path.parse_str(path)


def find(path: str, value: Any) -> list[Any]:
    """Return what stands at a path; text is read as JSON first, where it is that.

    Raise `ValueError` if the path is none.
    """
    try:
        compiled = _compiled(path)
    except (ValueError, TypeError, AttributeError) as error:
        msg = f"{path!r} is not a JSONPath: {error}"
        raise ValueError(msg) from None
    return [match.current_value for match in compiled.match(_parsed(value))]


def _parsed(value: Any) -> Any:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
