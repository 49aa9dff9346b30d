"""Which run is meant: an id, a folder, `last`, or the name of a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError
from chaos_mcp.history.entry import entry_of
from chaos_mcp.report.journals import LAST, find_run, reading_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chaos_mcp.history.entry import Entry
    from chaos_mcp.history.store import Baseline, Store


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


def baseline(name: str, runs: Path, store: Store, title: str = "") -> Entry:
    """Return the run of a baseline; a run may be meant by itself as well.

    One name may stand for a baseline of each experiment; `title` says of which.
    """
    named = [one for one in store.baselines() if one.name == name]
    meant = [one for one in named if title in ("", one.title)]
    if not meant:
        return _run(name, runs, store, named)
    if len(meant) > 1:
        titles = "; ".join(one.title for one in meant)
        raise ChaosError(f"the baseline {name!r} is of several experiments: {titles}")
    entry = store.entry(meant[0].run)
    if entry is None:
        raise ChaosError(f"the run {meant[0].run} of the baseline {name!r} is gone")
    return entry


def _run(name: str, runs: Path, store: Store, named: Sequence[Baseline]) -> Entry:
    """Return a run by itself, where no baseline of the name is meant."""
    try:
        return find(name, runs, store)
    except ChaosError as error:
        if named:
            only = "; ".join(one.title for one in named)
            why = f"the baseline {name!r} is only of other experiments ({only})"
        else:
            names = ", ".join(dict.fromkeys(o.name for o in store.baselines()))
            why = f"no baseline is called {name!r} (there are: {names or 'none'})"
        how = f"set one with `chaos baseline set RUN --name {name}`"
        raise ChaosError(f"{why}; {how}") from error


def _newest(store: Store) -> Entry | None:
    from chaos_mcp.history.store import Query  # noqa: PLC0415 - of the same package

    found = store.entries(Query(most=1))
    return found[0] if found else None
