"""A world with a real proxy server, and an upstream behind a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chaos_mcp.adapters.embedded import start_embedded
from chaos_mcp.adapters.world import World
from tests.echo import echo_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    with echo_server() as address:
        yield address


@pytest.fixture
async def world(anyio_backend: str, upstream: str) -> AsyncIterator[World]:
    """Give a world whose proxy `cache` leads to the upstream."""
    del anyio_backend
    async with start_embedded(seed=7) as proxies:
        await proxies.create("cache", upstream, "127.0.0.1:0")
        yield World(proxies=proxies, owner="chaos-test-1")
