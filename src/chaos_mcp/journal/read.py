"""Reading a journal back, as far as it is whole."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from pydantic_core import ValidationError

from chaos_mcp.errors import JournalFailed
from chaos_mcp.events import EVENT, EVENTS, JournalDamaged
from chaos_mcp.journal.file import FILE
from chaos_mcp.journal.line import unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from chaos_mcp.events import Event


AT_ONCE = 1000
"""Lines that are checked in one go, which takes less time for each."""
LARGE = 1_000_000
"""Bytes from which on it pays not to look for garbage in between."""


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
    found = Salvaged()
    try:
        with file.open("rb") as lines:
            large = os.fstat(lines.fileno()).st_size > LARGE
            with no_collecting() if large else nullcontext():
                _gather(lines, found)
    except OSError as error:
        raise JournalFailed(f"cannot read {file}: {error.strerror}") from error
    return found


def _gather(lines: Iterable[bytes], found: Salvaged) -> None:
    """Read lines into what was found, many at a time as long as nothing is amiss."""
    number = place = 0
    while some := _whole(islice(lines, AT_ONCE)):
        together = _together(some, found.events)
        if together is None:
            _one_by_one(some, number, place, found)
        else:
            found.events += together
            found.size = place + sum(map(len, some))
        number += len(some)
        place += sum(map(len, some))


def _whole(lines: Iterable[bytes]) -> list[bytes]:
    """Return lines without the torn one that may be at the end of a file."""
    some = list(lines)
    if some and not some[-1].endswith(b"\n"):
        some.pop()
    return some


def _together(lines: list[bytes], before: list[Event]) -> list[Event] | None:
    """Return the events of lines of which none is damaged or missing, else None."""
    bodies = list(filter(None, map(unseal, lines)))
    if len(bodies) < len(lines):
        return None
    try:
        events = EVENTS.validate_json(b"[" + b",".join(bodies) + b"]")
    except ValidationError:
        return None
    first = before[0] if before else events[0]
    expected = before[-1].seq + 1 if before else 0
    numbers = range(expected, expected + len(events))
    fits = [event.seq for event in events] == [*numbers]
    fits = fits and {event.run for event in events} == {first.run}
    return events if fits else None


def _one_by_one(lines: list[bytes], number: int, place: int, found: Salvaged) -> None:
    """Read lines of which some may be damaged, and say what is missing."""
    for line in lines:
        number += 1
        place += len(line)
        event = _event(line)
        if event is not None and _belongs(event, found.events):
            _mark_gap(found.events, event, number)
            found.events.append(event)
            found.size = place


@contextmanager
def no_collecting() -> Iterator[None]:
    """Look for no garbage while there is none: each look would go over all events."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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
