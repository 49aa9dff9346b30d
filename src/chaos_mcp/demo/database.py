"""The shop's own memory: one SQLite file that survives `kill -9`, and is cheap."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread

P = ParamSpec("P")
T = TypeVar("T")

# WAL with synchronous=NORMAL: a commit is in the file when it returns, so the death of
# the process loses nothing; only loss of power may lose the last commits.
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    item TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    cents INTEGER NOT NULL,
    stale INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_order_a_request ON orders (request);
CREATE TABLE IF NOT EXISTS prices (item TEXT PRIMARY KEY, cents INTEGER NOT NULL);
"""


class Database:
    """One connection, used by one thread at a time and never by the event loop's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        self.connection.executescript(_SCHEMA)
        self._one_at_a_time = anyio.CapacityLimiter(1)

    async def run(
        self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """Do `work`, which uses the connection, in a thread, when it is free."""
        return await anyio.to_thread.run_sync(
            lambda: work(*arguments, **named), limiter=self._one_at_a_time
        )

    def second_opinion(self) -> sqlite3.Connection:
        """Return a read-only connection of its own, to check the first by."""
        return sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)

    def close(self) -> None:
        """Put everything into the one file and let it go."""
        self.connection.close()
