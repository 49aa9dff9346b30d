"""The store of runs and baselines, in one database or another."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from chaos_mcp.errors import ChaosError, StoreFailed
from chaos_mcp.history.entry import Entry, entry_from, row_of
from chaos_mcp.history.schema import COLUMNS, MIGRATIONS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chaos_mcp.history.database import Database, Execute, Rows

T = TypeVar("T")
VARIABLE = "CHAOS_STORE"
FILE = "history.sqlite"
TRIES = 3
"""Two that come first at once may both want to make the tables."""
_READ = ", ".join(COLUMNS)
_WRITTEN = ", ".join(f":{name}" for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Query:
    """Which runs are wanted; what is not said is not asked."""

    experiment: str = ""
    """A part of the title or of the file's path, in any case."""
    verdict: str = ""
    tag: str = ""
    since: float = 0.0
    """Seconds since the epoch."""
    profile: str = ""
    title: str = ""
    """All of it, as the history has it."""
    until: float = inf
    """Seconds since the epoch, itself not among them."""
    most: int = 1000
    """The latest so many."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run by which later ones of its experiment are judged."""

    name: str
    title: str
    """The experiment's."""
    run: str
    since: float


def store() -> Store:
    """Return the store that this machine's user has, or the one in CHAOS_STORE."""
    if url := os.environ.get(VARIABLE):
        from chaos_mcp.history.alchemy import SqlDatabase  # noqa: PLC0415 - 220 ms

        return Store(SqlDatabase(url))
    from chaos_mcp.history.sqlite import SqliteFile  # noqa: PLC0415 - not beside it
    from chaos_mcp.machine.place import state_folder  # noqa: PLC0415 - as above

    return Store(SqliteFile(state_folder() / FILE))


class Store:
    """Runs and baselines; every method may raise `StoreFailed`."""

    def __init__(
        self, database: Database, migrations: Sequence[Sequence[str]] = MIGRATIONS
    ) -> None:
        """Keep to a database; its tables are made, or brought up to date, at need."""
        self.database = database
        self.migrations = migrations
        self._ready = False

    def enter(self, entries: Iterable[Entry]) -> int:
        """Enter runs, in place of what was entered of them before; return how many."""
        rows = [row_of(entry) for entry in entries]

        def work(execute: Execute) -> int:
            for row in rows:
                execute("DELETE FROM chaos_runs WHERE run = :run", {"run": row["run"]})
                execute(f"INSERT INTO chaos_runs ({_READ}) VALUES ({_WRITTEN})", row)  # noqa: S608 - our columns
            return len(rows)

        return self._transaction(work)

    def entries(self, query: Query | None = None) -> list[Entry]:
        """Return the runs that are wanted, the oldest first."""
        query = query or Query()
        clauses, values = _where(query)
        statement = (
            f"SELECT {_READ} FROM chaos_runs WHERE {clauses} ORDER BY started DESC, run"  # noqa: S608 - ours; values are bound
        )
        rows = self._transaction(lambda execute: execute(statement, values))
        found = [entry_from(dict(zip(COLUMNS, row, strict=True))) for row in rows]
        tagged = [one for one in found if not query.tag or query.tag in one.tags]
        return tagged[: query.most][::-1]

    def entry(self, run: str) -> Entry | None:
        """Return one run, or None if it was never entered."""
        statement = f"SELECT {_READ} FROM chaos_runs WHERE run = :run"  # noqa: S608 - ours
        rows = self._transaction(lambda execute: execute(statement, {"run": run}))
        return entry_from(dict(zip(COLUMNS, rows[0], strict=True))) if rows else None

    def baselines(self) -> list[Baseline]:
        """Return all baselines by their names, and of each name by experiment."""
        statement = (
            "SELECT name, title, run, since FROM chaos_baselines ORDER BY name, title"
        )
        rows = self._transaction(lambda execute: execute(statement, {}))
        return [Baseline(*row) for row in rows]

    def set_baseline(self, name: str, run: str) -> None:
        """Let a run that was entered be its experiment's baseline of a name."""
        entry = self.entry(run)
        if entry is None:
            raise ChaosError(f"the history has no run {run!r}")
        row = {"name": name, "title": entry.title, "run": run, "since": time.time()}

        def work(execute: Execute) -> Rows:
            execute(
                "DELETE FROM chaos_baselines WHERE name = :name AND title = :title",
                {"name": name, "title": entry.title},
            )
            return execute(
                "INSERT INTO chaos_baselines (name, title, run, since) "
                "VALUES (:name, :title, :run, :since)",
                row,
            )

        self._transaction(work)

    def remove_baseline(self, name: str) -> None:
        """Forget a baseline, of all experiments; the runs stay.

        Raise `ChaosError` if there is none.
        """
        if name not in {one.name for one in self.baselines()}:
            raise ChaosError(f"no baseline is called {name!r}")
        statement = "DELETE FROM chaos_baselines WHERE name = :name"
        self._transaction(lambda execute: execute(statement, {"name": name}))

    def _transaction(self, work: Callable[[Execute], T]) -> T:
        """Do all of `work` or nothing of it, in tables that are up to date."""

        def prepared(execute: Execute) -> T:
            if not self._ready:
                self._migrate(execute)
            return work(execute)

        for left in reversed(range(TRIES)):
            try:
                done = self.database.transaction(prepared)
            except StoreFailed as error:
                if self._ready or not (left and error.again):
                    raise
            else:
                self._ready = True
                return done
        raise AssertionError  # the last try returns or raises

    def _migrate(self, execute: Execute) -> None:
        execute(f"CREATE TABLE IF NOT EXISTS {VERSIONS} (version INTEGER NOT NULL)", {})
        rows = execute(f"SELECT MAX(version) FROM {VERSIONS}", {})  # noqa: S608 - ours
        version = rows[0][0] or 0
        if version > len(self.migrations):
            raise ChaosError(
                f"the history {self.database.name} is of a later chaos "
                f"(version {version}, known is {len(self.migrations)}): update chaos"
            )
        for number, steps in enumerate(self.migrations[version:], version + 1):
            for step in steps:
                execute(step, {})
            execute(f"INSERT INTO {VERSIONS} VALUES (:version)", {"version": number})  # noqa: S608 - ours


def _where(query: Query) -> tuple[str, dict[str, Any]]:
    clauses, values = ["started >= :since"], {"since": query.since}
    if query.until < inf:
        clauses.append("started < :until")
        values["until"] = query.until
    found: dict[str, Any] = dict(values)
    if query.experiment:
        like = "LOWER({}) LIKE :part ESCAPE '!'"
        clauses.append(f"({like.format('title')} OR {like.format('file')})")
        part = query.experiment.lower()
        for special in "!%_":
            part = part.replace(special, f"!{special}")
        found["part"] = f"%{part}%"
    for name in ("verdict", "profile", "title"):
        if value := getattr(query, name):
            clauses.append(f"{name} = :{name}")
            found[name] = value
    return " AND ".join(clauses), found
