"""Keep what is sent out of other people's logs: httpx logs every URL with its token."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGERS = (
    "httpx",
    *(f"httpcore.{part}" for part in ("connection", "http11", "proxy", "socks")),
)
_ours: ContextVar[bool] = ContextVar("ours", default=False)


def _of_others(_: logging.LogRecord) -> bool:
    return not _ours.get()


@contextmanager
def quiet() -> Iterator[None]:
    """Let nothing be logged of what this task sends; others' requests still are."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    token = _ours.set(True)
    for one in loggers:
        one.addFilter(_of_others)
    try:
        yield
    finally:
        _ours.reset(token)
