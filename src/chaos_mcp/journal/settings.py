"""What the plan promised, read off the record of a run."""

from collections.abc import Iterable

from pydantic_core import ValidationError

from chaos_mcp.events import Event, RunStarted
from chaos_mcp.journal.promised import Settings
from chaos_mcp.journal.record import once


def started(events: Iterable[Event]) -> RunStarted | None:
    """Return how the run began, if the record has kept it."""
    return next((event for event in events if isinstance(event, RunStarted)), None)


@once
def settings_of(events: Iterable[Event]) -> Settings:
    """Return what the plan promised; the usual where the record doesn't say."""
    begun = started(events)
    try:
        return Settings.model_validate(begun.settings if begun else {})
    except ValidationError:
        return Settings()
