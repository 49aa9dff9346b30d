"""Talking through a proxy, as an application would."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import chaos_mcp as chaos


def answered(proxy: chaos.Proxy, within: float = 0.3) -> bool:
    """Tell whether an echo comes back in time."""
    return took(proxy, within) is not None


def took(proxy: chaos.Proxy, within: float = 2.0) -> float | None:
    """Return the seconds that an echo takes; None if there is none."""
    began = time.perf_counter()
    try:
        with closing(socket.create_connection((proxy.host, proxy.port), within)) as one:
            one.sendall(b"hello")
            said = one.recv(5)
    except TimeoutError:
        return None
    return time.perf_counter() - began if said else None
