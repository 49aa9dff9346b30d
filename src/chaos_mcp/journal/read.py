"""Reading a journal back, as far as it is whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic_core import ValidationError

from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import EVENT, JournalDamaged
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.line import unseal

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.events import Event


@dataclass(slots=True)
class Salvaged:
    """What could be read of a journal."""

    events: list[Event] = field(default_factory=list)
    size: int = 0
    """Bytes up to the end of the last line that is whole."""


def read(path: Path) -> list[Event]:
    """Return the events of a journal, or of the folder that it is in.

    A torn end was never evidence of anything, since what matters is synced before it
    is acted on: it is left out. What is damaged or missing before a line that is whole
    is said by a `JournalDamaged` in its place. Raise `JournalFailed` if there is no
    journal.
    """
    return salvage(path).events


def salvage(path: Path) -> Salvaged:
    """Return the events of a journal and how far they reach; see `read`."""
    file = path / FILE if path.is_dir() else path
    try:
        content = file.read_bytes()
    except OSError as error:
        raise JournalFailed(f"cannot read {file}: {error.strerror}") from error
    found = Salvaged()
    place = 0
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        place += len(line) + 1
        event = _event(line)
        if event is not None and _belongs(event, found.events):
            _mark_gap(found.events, event, number)
            found.events.append(event)
            found.size = place
    return found


def _belongs(event: Event, before: list[Event]) -> bool:
    return not before or (event.run == before[0].run and event.seq > before[-1].seq)


def _mark_gap(events: list[Event], event: Event, line: int) -> None:
    """Say what is missing before an event."""
    expected = events[-1].seq + 1 if events else 0
    if event.seq != expected:
        at = events[-1].at if events else event.at
        events.append(
            JournalDamaged(
                run=event.run,
                seq=event.seq - 1,
                at=at,
                wall=event.wall,
                missing=event.seq - expected,
                line=line - 1,
            )
        )


def _event(line: bytes) -> Event | None:
    body = unseal(line)
    try:
        return EVENT.validate_json(body) if body else None
    except ValidationError:
        return None
