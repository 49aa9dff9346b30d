"""Progress as plain lines, for logs: one event a line, by structlog."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from chaos_mcp.cli.structured import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_mcp.events import Event

ENVELOPE = ("run", "seq", "wall", "kind", "at")
QUIET = (
    "workload.sampled",
    "resources.measured",
    "probe.measured",
    "fault.undoing",
    "action.started",
)
"""Kinds that matter only to somebody who asks for every event."""
LONG = ("experiment", "settings", "host", "memo", "spec", "sent", "latency", "result")
LONGEST = 200


def line_by_line(*, verbose: bool) -> Callable[[Event], None]:
    """Return what writes each event to stderr."""
    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[structlog.dev.ConsoleRenderer(colors=False, sort_keys=False)],
    )

    def listener(event: Event) -> None:
        if verbose or event.kind not in QUIET or _bad(event):
            said = {key: value for key, value in _fields(event).items() if value != ""}
            logger.info(event.kind, at=event.at, **said)

    return listener


def _bad(event: Event) -> bool:
    return getattr(event, "verdict", "held") != "held"


def _fields(event: Event) -> dict[str, Any]:
    data = event.model_dump(mode="json", exclude={*ENVELOPE, *LONG}, exclude_none=True)
    return {key: _short(value) for key, value in data.items()}


def _short(value: Any) -> Any:
    text = value if isinstance(value, str) else None
    if text is not None:
        value = "".join(one if one.isprintable() else " " for one in text)
    return value if len(str(value)) <= LONGEST else f"{str(value)[:LONGEST]}…"
