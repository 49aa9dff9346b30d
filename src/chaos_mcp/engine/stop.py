"""Ending a run early: the first cause counts, and everything is undone at once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import RunAborting

if TYPE_CHECKING:
    from chaos_mcp.journal.log import Journal
    from chaos_mcp.terms import Cause


@dataclass(slots=True)
class Stop:
    """A brake that anybody may pull; it cancels whatever blocks."""

    journal: Journal
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    pulled: anyio.Event = field(default_factory=anyio.Event)
    cause: Cause | None = None

    def pull(self, cause: Cause, reason: str) -> None:
        """Stop the run for this reason, unless it is being stopped already."""
        if self.cause:
            return
        self.cause = cause
        # Not being able to write the reason down must not keep the run going.
        with suppress(JournalFailed):
            self.journal.record(RunAborting(cause=cause, reason=reason))
        self.pulled.set()
        self.scope.cancel()
