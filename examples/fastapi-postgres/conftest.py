"""PostgreSQL, a proxy before it, and the shop, which knows only the proxy."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import chaos_mcp

USER = "postgres"
TABLES = """
CREATE TABLE prices (fruit text PRIMARY KEY, price int);
CREATE TABLE orders (key text PRIMARY KEY, fruit text);
INSERT INTO prices VALUES ('apple', 3), ('pear', 4);
"""


def program(name: str) -> str:
    """Return where a program of PostgreSQL's is; Debian has them off the path."""
    found = shutil.which(name) or max(
        map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), default=""
    )
    return found or pytest.skip("there is no PostgreSQL here (apt install postgresql)")


@pytest.fixture(scope="session")
def postgres(chaos_session: chaos_mcp.Session) -> Iterator[str]:
    """Start a PostgreSQL for all tests and return its address."""
    # It refuses to be root, as which CI often runs.
    prefix = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder:
        if prefix:
            shutil.chown(folder, USER)
        data = f"{folder}/data"
        made = [*prefix, program("initdb"), "-A", "trust", "-U", USER, data]
        subprocess.run(made, check=True, capture_output=True, cwd="/")
        settings = [
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
            "fsync=off",
        ]
        options = [word for one in settings for word in ("-c", one)]
        port = "--port=${postgres.port}"
        ready = [program("pg_isready"), "--host=127.0.0.1", port]
        spec = {
            "name": "postgres",
            "command": [*prefix, program("postgres"), "-D", data, *options, port],
            "ready": {"probe": "process", "command": ready, "expect": {"exit_code": 0}},
            "within": "60s",
        }
        yield chaos_session.system([spec])["postgres"].address
        chaos_session.end()


def url(address: str) -> str:
    """Return the database at an address."""
    return f"postgresql://{USER}@{address}/postgres"


@pytest.fixture
def rows(postgres: str) -> Iterator[psycopg.Connection]:
    """Give fresh tables, and a way to look at them that no fault is in."""
    with psycopg.connect(url(postgres), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS prices, orders")
        connection.execute(TABLES)
        yield connection


@pytest.fixture
def proxy(
    chaos: chaos_mcp.Session, postgres: str, rows: psycopg.Connection
) -> chaos_mcp.Proxy:
    """Put a proxy before PostgreSQL, for one test."""
    assert rows
    return chaos.proxy(postgres, name="postgres")


@pytest.fixture
def shop(chaos: chaos_mcp.Session, proxy: chaos_mcp.Proxy) -> Iterator[httpx.Client]:
    """Start the shop, and give a customer of it who has seen the prices."""
    command = ["python", "-m", "uvicorn", "shop:app", "--port", "${shop.port}"]
    spec = {
        "name": "shop",
        "command": command,
        "cwd": str(Path(__file__).parent),
        "env": {"DATABASE_URL": url(proxy.listen)},
        "within": "60s",
    }
    address = chaos.system([spec])["shop"].address
    with httpx.Client(base_url=f"http://{address}", timeout=10) as customer:
        assert customer.get("/prices/apple").json() == {"price": 3, "stale": False}
        yield customer
