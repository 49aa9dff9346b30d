"""Descriptors: as many as the system gives, the last of them kept for the API.

Who connects, and whoever wants another port, is refused before the API itself could
no longer be reached, by which proxies and connections can be removed.
"""

from __future__ import annotations

import resource
from contextlib import suppress

KEPT = 32
"""Descriptors that only the API may take, or an eighth of all where they are few."""


def raise_limit() -> None:
    """Allow as many open files as the system lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def be_punctual() -> None:
    """Have the kernel wake us when we ask for, and not up to 50 us later.

    That slack lets it wake several processes at once (proc(5), timerslack_ns).
    """
    with suppress(OSError), open("/proc/self/timerslack_ns", "wb") as slack:  # noqa: PTH123 - quick to import
        slack.write(b"1")


def limit() -> int:
    """Return how many descriptors there may be."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def is_kept(number: int) -> bool:
    """Tell whether a descriptor, always the lowest that is free, is for the API."""
    most = limit()
    return number >= most - min(KEPT, most // 8)
