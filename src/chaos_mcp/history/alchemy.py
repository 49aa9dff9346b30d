"""A store in any database that SQLAlchemy knows, such as PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
    SQLAlchemyError,
)

from chaos_mcp.errors import StoreFailed
from chaos_mcp.journal.words import line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import URL, Connection, Engine

    from chaos_mcp.history.database import Execute, Rows

T = TypeVar("T")
PATIENCE = 5
"""Seconds that a server is waited for."""
POSTGRESQL = "postgresql+psycopg"


class SqlDatabase:
    """A database by its URL; a connection is open only for a transaction."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self._engine = _engine(self._url)
        if self._engine.dialect.name == "sqlite":
            _alone(self._engine)

    @property
    def name(self) -> str:
        """Return the URL without its password."""
        return self._url.render_as_string(hide_password=True)

    def transaction(self, work: Callable[[Execute], T]) -> T:
        """Do all of `work` or nothing of it."""
        try:
            with self._engine.begin() as connection:
                return work(_executing(connection))
        except SQLAlchemyError as error:
            said = f"the history {self.name}: {_said(error)}"
            again = isinstance(error, IntegrityError | ProgrammingError)
            raise StoreFailed(said, again=again) from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        words = "CHAOS_STORE is no SQLAlchemy URL, such as postgresql://user@host/name"
        raise StoreFailed(words) from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername=POSTGRESQL)
    return parsed


def _engine(url: URL) -> Engine:
    waiting: dict[str, Any] = {}
    if url.drivername == POSTGRESQL:
        waiting = {"connect_timeout": PATIENCE, "application_name": "chaos"}
    try:
        return create_engine(url, poolclass=NullPool, connect_args=waiting)
    except ModuleNotFoundError as error:
        hint = "pip install 'chaos-mcp[postgresql]'"
        wanted = f"needs {error.name}" + (
            f": {hint}" if error.name == "psycopg" else ""
        )
        raise StoreFailed(f"a history in {url.drivername} {wanted}") from error
    except SQLAlchemyError as error:
        raise StoreFailed(f"a history in {url.drivername}: {_said(error)}") from error


def _alone(engine: Engine) -> None:
    """Let SQLite's transactions be the only writers, from their beginning on.

    Its module begins them only at the first row written, after tables were made.
    """

    def connected(connection: Any, record: object) -> None:
        del record
        connection.isolation_level = None

    def began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", began)


def _executing(connection: Connection) -> Execute:
    def execute(statement: str, values: Mapping[str, Any]) -> Rows:
        result = connection.execute(text(statement), values)
        return list(map(tuple, result)) if result.returns_rows else ()

    return execute


def _said(error: SQLAlchemyError) -> str:
    """Return what the database said, without the statement and its values."""
    return line(str(error.orig if isinstance(error, DBAPIError) else error))
