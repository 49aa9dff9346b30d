"""Stores in every kind of database, PostgreSQL's real server among them."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.history.alchemy import SqlDatabase
from chaos_mcp.history.sqlite import SqliteFile
from chaos_mcp.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.history.database import Database

USER = "postgres"
NUMBERS = count()


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs; skip where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.skip("PostgreSQL is missing (apt-get install postgresql)")
    return found[-1] if found else Path(str(on_path)).parent


def _as_its_user(command: list[str]) -> None:
    """Run a program of PostgreSQL's, which refuses to be root."""
    prefix = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*prefix, *command], check=True, capture_output=True, timeout=60, cwd="/"
    )


@contextmanager
def _cluster(folder: Path) -> Iterator[str]:
    programs = _programs()
    folder.mkdir(mode=0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    data = folder / "data"
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
    settings = (
        f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    )
    log = ["-l", str(folder / "log")]
    _as_its_user([str(programs / "initdb"), "-A", "trust", "-U", USER, str(data)])
    _as_its_user([*control, *log, "-o", settings, "start"])
    try:
        yield f"postgresql://{USER}@/postgres?host={folder}"
    finally:
        _as_its_user([*control, "-m", "immediate", "stop"])


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Give the URL of a PostgreSQL server of this session's own."""
    import tempfile  # noqa: PLC0415 - pytest's own folders are closed to its user

    _programs()
    with tempfile.TemporaryDirectory(prefix="chaos-pg-") as folder:
        Path(folder).chmod(0o755)
        with _cluster(Path(folder) / "cluster") as url:
            yield url


@pytest.fixture
def postgresql(cluster: str) -> str:
    """Give the URL of an empty database."""
    name = f"chaos_{os.getpid()}_{next(NUMBERS)}"
    import sqlalchemy  # noqa: PLC0415 - for this

    engine = sqlalchemy.create_engine(
        cluster.replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return cluster.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "sqlalchemy", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    match request.param:
        case "sqlite":
            return SqliteFile(tmp_path / "state" / "history.sqlite")
        case "sqlalchemy":
            return SqlDatabase(f"sqlite:///{tmp_path / 'other.sqlite'}")
        case _:
            return SqlDatabase(request.getfixturevalue("postgresql"))


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)
