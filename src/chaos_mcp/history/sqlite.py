"""The usual store: one SQLite file, by Python's own module.

It takes 4 ms to load where SQLAlchemy takes 220, and every run pays it.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from chaos_mcp.errors import StoreFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from chaos_mcp.history.database import Execute, Rows

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds that another writer is waited for: a run must come to its end."""


POLL = 0.01


class SqliteFile:
    """A file that several processes may write, one after another (WAL)."""

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self.path = path
        self.patience = patience

    @property
    def name(self) -> str:
        """Return the path."""
        return str(self.path)

    def transaction(self, work: Callable[[Execute], T]) -> T:
        """Do all of `work` or nothing of it, as the only writer."""
        try:
            with closing(self._open()) as connection:
                execute = _executing(connection)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    done = work(execute)
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
                return done
        except (sqlite3.Error, OSError) as error:
            raise StoreFailed(f"the history {self.name}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self.path, timeout=self.patience, isolation_level=None
        )
        try:
            self._write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Have a write-ahead log, which the first to come makes.

        SQLite does not wait where two come first at once: it says at once that the file
        is locked, whatever the timeout (its documentation of `sqlite3_busy_handler`).
        """
        until = time.monotonic() + self.patience
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() >= until:
                    raise
                time.sleep(POLL)
            else:
                return


def _executing(connection: sqlite3.Connection) -> Execute:
    def execute(statement: str, values: Mapping[str, Any]) -> Rows:
        return connection.execute(statement, values).fetchall()

    return execute
