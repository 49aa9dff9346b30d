"""The demo's shop, for this repository's own probes and actions to ask and to turn."""

from collections.abc import Iterator

import httpx
import pytest

from tests.demo.processes import Running, running


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    database = tmp_path_factory.mktemp("shop") / "shop.db"
    with running("store") as store:
        where = ["--cache", store.listen, "--database", str(database)]
        with running("shop", *where, "--cache-timeout", "5s") as open_shop:
            yield open_shop


@pytest.fixture
def shop(open_shop: Running) -> Running:
    """Give a shop that has sold nothing yet."""
    httpx.post(f"{open_shop.url}/admin/reset").raise_for_status()
    return open_shop
