"""A quick start: next to nothing of what is loaded then is garbage."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def starting() -> Iterator[None]:
    """Look for no garbage while modules load, and not among what they hold later.

    For the command line only: a program that calls us has a collector of its own.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()
