"""What this project measures on the shop is what is really there."""

import sqlite3
from contextlib import closing

import httpx
import pytest

from actions import shop as shop_actions
from chaos_mcp.demo.catalogue import LIST_PRICES
from chaos_mcp.errors import ActivityFailed
from probes import orders, prices
from tests.demo.processes import Running, running

pytestmark = pytest.mark.anyio

NOBODY = "http://127.0.0.1:1"


def sell(shop: Running, times: int = 1) -> None:
    for _ in range(times):
        httpx.post(f"{shop.url}/checkout").raise_for_status()


def tamper(shop: Running, statement: str) -> None:
    with closing(sqlite3.connect(shop.ready["database"], isolation_level=None)) as db:
        db.execute(statement)


async def test_orders_are_counted_where_they_are(shop: Running) -> None:
    sell(shop, times=3)

    assert await orders.accepted(shop.url) == 3
    assert await orders.stored(shop.url) == 3
    assert await orders.lost(shop.url) == 0
    assert await orders.duplicated(shop.url) == 0


async def test_an_order_gone_from_the_database_is_lost(shop: Running) -> None:
    sell(shop, times=3)
    tamper(shop, "DELETE FROM orders WHERE id = (SELECT min(id) FROM orders)")

    assert await orders.lost(shop.url) == 1
    assert await orders.accepted(shop.url) == 3


async def test_a_second_order_for_one_request_is_a_duplicate(shop: Running) -> None:
    sell(shop)
    tamper(shop, "DROP INDEX one_order_a_request")
    tamper(
        shop,
        "INSERT INTO orders"
        " SELECT 'x', request, item, quantity, cents, stale FROM orders",
    )

    duplicated = await orders.duplicated(shop.url)

    tamper(shop, "DELETE FROM orders")
    tamper(shop, "CREATE UNIQUE INDEX one_order_a_request ON orders (request)")
    assert duplicated == 1


async def test_prices_from_the_cache_are_not_stale(shop: Running) -> None:
    assert await shop_actions.warm_cache(shop.url) == len(LIST_PRICES)
    sell(shop)

    assert await prices.stale_share(shop.url) == 0
    assert await prices.breaker_state(shop.url) == "closed"


async def test_without_a_price_given_the_share_is_unknown(shop: Running) -> None:
    with pytest.raises(prices.NothingSold):
        await prices.stale_share(shop.url)


async def test_prices_without_the_cache_are_stale() -> None:
    with running("shop", "--cache", "127.0.0.1:1") as lonely:
        sell(lonely, times=2)

        assert await prices.stale_share(lonely.url) == 1
        with pytest.raises(ActivityFailed, match="503"):
            await shop_actions.warm_cache(lonely.url)


async def test_the_fallback_can_be_switched(shop: Running) -> None:
    assert await shop_actions.switch_fallback(shop.url, enabled=False) is False
    assert await prices.fallback_enabled(shop.url) is False

    assert await shop_actions.switch_fallback(shop.url, enabled=True) is True
    assert await prices.fallback_enabled(shop.url) is True


async def test_a_reset_forgets_orders_and_counts(shop: Running) -> None:
    sell(shop)

    await shop_actions.reset(shop.url)

    assert await orders.accepted(shop.url) == 0
    assert await orders.stored(shop.url) == 0


@pytest.mark.parametrize("url", [NOBODY, "not a url", "http://127.0.0.1:0x1"])
async def test_a_shop_that_cannot_be_asked_is_no_number(url: str) -> None:
    with pytest.raises(ActivityFailed, match=r"GET .*/orders"):
        await orders.lost(url)


async def test_an_answer_that_is_none_is_no_number(shop: Running) -> None:
    with pytest.raises(ActivityFailed, match="404"):
        await orders.lost(f"{shop.url}/elsewhere")
