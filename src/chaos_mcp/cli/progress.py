"""What a person sees while a run goes on: a live view, or plain lines."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chaos_mcp.events import Event
    from chaos_mcp.plan.model import Plan

    Listener = Callable[[Event], None]


@contextmanager
def watching(plan: Plan, *, quiet: bool, verbose: bool) -> Iterator[Listener]:
    """Yield what is told of each event and shows it on stderr."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty() and not verbose:
        from chaos_mcp.cli.live import live_view  # noqa: PLC0415 - rich is slow to load

        with live_view(plan) as listener:
            yield listener
    else:
        from chaos_mcp.cli.lines import line_by_line  # noqa: PLC0415 - so is structlog

        yield line_by_line(verbose=verbose)
