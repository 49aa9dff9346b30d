"""A run under way, event by event: its journal is followed as it is written."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import anyio
from pydantic_core import ValidationError

from chaos_mcp.events import EVENT, RunEnded, WorkloadSampled
from chaos_mcp.journal.line import unseal
from chaos_mcp.journal.sentences import moment
from chaos_mcp.report.html.element import plain
from chaos_mcp.score.samples import quantile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from chaos_mcp.events import Event

POLL = 0.25
"""Seconds between two looks at the journal."""
QUIET = 40
"""Looks without anything new after which it is asked whether the run is over."""
SHORT = 300


async def followed(file: Path, over: Callable[[], bool]) -> AsyncIterator[str]:
    """Yield what a journal says, from its beginning on, as server-sent events."""
    place, idle, ended = 0, 0, False
    while not ended:
        events, place = await anyio.to_thread.run_sync(_more, file, place)
        for event in events:
            ended = ended or isinstance(event, RunEnded)
            for name, data in _told(event):
                yield f"event: {name}\nid: {event.seq}\ndata: {json.dumps(data)}\n\n"
        idle = 0 if events else idle + 1
        if idle >= QUIET:
            ended = await anyio.to_thread.run_sync(over)
            idle = 0
            yield ": still here\n\n"
        await anyio.sleep(POLL)
    yield "event: over\ndata: {}\n\n"


def _more(file: Path, place: int) -> tuple[list[Event], int]:
    """Return the whole lines from a place on, and where they end."""
    try:
        with file.open("rb") as journal:
            journal.seek(place)
            content = journal.read()
    except OSError:
        return [], place
    end = content.rfind(b"\n") + 1
    lines = io.BytesIO(content[:end])
    return [event for line in lines if (event := _event(line))], place + end


def _event(line: bytes) -> Event | None:
    body = unseal(line)
    try:
        return EVENT.validate_json(body) if body else None
    except ValidationError:
        return None


def _told(event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield an event as the page shows it: a sentence, or figures of traffic."""
    if isinstance(event, WorkloadSampled):
        yield "traffic", _traffic(event)
    elif told := moment(event):
        yield (
            "moment",
            {
                "at": round(told.at, 2),
                "lane": told.lane,
                "tone": told.tone,
                "title": plain(told.title, SHORT),
                "detail": plain(told.detail, SHORT),
                "kind": told.kind,
            },
        )


def _traffic(event: WorkloadSampled) -> dict[str, Any]:
    slowest = quantile(sorted(event.latency), 0.99)
    return {
        "at": round(event.at, 2),
        "name": plain(event.name, SHORT),
        "sent": len(event.result),
        "good": event.result.count("ok"),
        "p99": None if slowest is None else round(1000 * slowest, 1),
    }
