"""Open files that a forked child must let go of.

It would share their locks, and keep pipes open whose end is to be noticed.
"""

from __future__ import annotations

import os
from contextlib import suppress

_OPEN: set[int] = set()


def keep(handle: int) -> int:
    """Return a handle, having noted that it belongs to this process alone."""
    _OPEN.add(handle)
    return handle


def close(handle: int) -> None:
    """Close a handle; nothing happens if there is none (-1)."""
    if handle >= 0:
        _OPEN.discard(handle)
        os.close(handle)


def _let_go() -> None:
    for handle in _OPEN:
        with suppress(OSError):
            os.close(handle)
    _OPEN.clear()


os.register_at_fork(after_in_child=_let_go)
