"""A cache and a shop for the tests of the demo, each a real process."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.demo.processes import Running, running


@pytest.fixture
def anyio_backend() -> str:
    """Take asyncio alone: the shop's way to its cache is redis-py's, which does."""
    return "asyncio"


@pytest.fixture(scope="session")
def store() -> Iterator[Running]:
    with running("store", "--seed-prices") as store:
        yield store


@pytest.fixture(scope="session")
def open_shop(
    store: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    database = tmp_path_factory.mktemp("shop") / "shop.db"
    where = ["--cache", store.listen, "--database", str(database)]
    with running("shop", *where, "--cache-timeout", "5s") as open_shop:
        yield open_shop


@pytest.fixture
def shop(open_shop: Running) -> Running:
    """Give a shop that has sold nothing yet; one process serves all tests in turn."""
    httpx.post(f"{open_shop.url}/admin/reset").raise_for_status()
    fallback = httpx.post(f"{open_shop.url}/admin/fallback", json={"enabled": True})
    fallback.raise_for_status()
    return open_shop


@pytest.fixture
def database(shop: Running) -> Path:
    return Path(shop.ready["database"])


@pytest.fixture
async def customer() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=5) as client:
        yield client
