"""Which run is meant: an id, a folder, `last`, or the name of a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError
from chaos_mcp.history.entry import entry_of
from chaos_mcp.report.journals import LAST, find_run, reading_of

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.history.store import Store


def find(name: str, runs: Path, store: Store) -> Entry:
    """Return the run that is meant: its journal's own word, or else the store's.

    Raise `ChaosError` if there is none.
    """
    try:
        folder = find_run(name, runs)
    except ChaosError:
        entry = _newest(store) if name == LAST else store.entry(name)
        if entry is None:
            raise
        return entry
    return entry_of(reading_of(folder), folder)


def baseline(name: str, runs: Path, store: Store) -> Entry:
    """Return the run of a baseline; a run may be meant by itself as well."""
    known = {one.name: one.run for one in store.baselines()}
    if name not in known:
        try:
            return find(name, runs, store)
        except ChaosError as error:
            names = ", ".join(known) or "none"
            raise ChaosError(
                f"no baseline is called {name!r} (there are: {names}); set one with "
                f"`chaos baseline set RUN --name {name}`"
            ) from error
    entry = store.entry(known[name])
    if entry is None:
        raise ChaosError(f"the run {known[name]} of the baseline {name!r} is gone")
    return entry


def _newest(store: Store) -> Entry | None:
    from chaos_mcp.history.store import Query  # noqa: PLC0415 - of the same package

    found = store.entries(Query(most=1))
    return found[0] if found else None
