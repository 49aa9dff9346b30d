"""A real Redis, a proxy before it, and the price list that goes through the proxy."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from prices import BOOK, Prices

if TYPE_CHECKING:
    from collections.abc import Iterator

    import chaos_mcp

SERVER = shutil.which("redis-server") or ""


@pytest.fixture(scope="session")
def server(chaos_session: chaos_mcp.Session) -> str:
    """Start a Redis for all tests and return its address."""
    if not SERVER:
        pytest.skip("there is no redis-server here (apt install redis-server)")
    quiet = ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
    command = [SERVER, "--port", "${redis.port}", "--bind", "127.0.0.1", *quiet]
    started = chaos_session.system([{"name": "redis", "command": command}])
    return started["redis"].address


@pytest.fixture
def proxy(chaos: chaos_mcp.Session, server: str) -> chaos_mcp.Proxy:
    """Put a proxy before Redis, for one test."""
    return chaos.proxy(server, name="redis")


@pytest.fixture
def prices(proxy: chaos_mcp.Proxy, server: str) -> Iterator[Prices]:
    """Give a price list with a warm cache and an open connection."""
    warm = Prices(server)
    for fruit in BOOK:
        warm.price(fruit)
    warm.close()
    made = Prices(proxy.listen)
    made.price("fruit-1")
    made.asked = 0
    yield made
    made.close()
