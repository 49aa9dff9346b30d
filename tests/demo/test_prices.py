"""Where a price comes from: the cache, the last one known, or nowhere."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chaos_mcp.demo.arguments import Address
from chaos_mcp.demo.breaker import Breaker
from chaos_mcp.demo.cache import Cache, CacheUnreachable
from chaos_mcp.demo.catalogue import LIST_PRICES
from chaos_mcp.demo.database import Database
from chaos_mcp.demo.pricelist import PriceList
from chaos_mcp.demo.prices import Price, Prices, PriceUnknown
from chaos_mcp.demo.redis_server import serving
from tests.demo.relay import Wire, wire_to

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "shop.db")) as database:
        yield database


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    with serving(Address("127.0.0.1", 0), {"price:tea": 333}) as cache:
        async with wire_to(cache.port) as wire:
            yield wire


@pytest.fixture
async def cache(wire: Wire) -> AsyncIterator[Cache]:
    cache = Cache(Address("127.0.0.1", wire.port), timeout=0.8)
    yield cache
    await cache.close()


@pytest.fixture
def prices(cache: Cache, database: Database) -> Prices:
    return Prices(cache, PriceList(database), Breaker(failures=5), fallback=True)


async def test_a_price_in_the_cache_is_fresh(prices: Prices) -> None:
    assert await prices.of("tea") == Price("tea", 333, stale=False)
    assert prices.counts.hits == 1


async def test_a_price_the_cache_lacks_is_put_there(
    prices: Prices, cache: Cache
) -> None:
    price = await prices.of("coffee")

    assert price == Price("coffee", LIST_PRICES["coffee"], stale=False)
    assert await cache.price("coffee") == price.cents
    assert prices.counts.misses == 1


async def test_cut_off_the_shop_sells_by_the_last_price_it_saw(
    prices: Prices, wire: Wire
) -> None:
    await prices.of("tea")
    wire.cut()

    price = await prices.of("tea")

    assert price == Price("tea", 333, stale=True)
    assert prices.counts.retries == 1
    assert prices.counts.failures == 2


async def test_the_last_price_seen_outlives_the_shop(
    prices: Prices, database: Database
) -> None:
    await prices.of("tea")

    assert PriceList(database)["tea"] == 333


async def test_without_fallback_there_is_no_price_without_the_cache(
    prices: Prices, wire: Wire
) -> None:
    prices.fallback = False
    wire.cut()

    with pytest.raises(PriceUnknown):
        await prices.of("tea")

    assert prices.counts.unknown == 1


async def test_a_cache_that_hangs_is_soon_not_asked_any_more(
    prices: Prices, wire: Wire
) -> None:
    wire.cut()
    for _ in range(10):
        await prices.of("tea")

    assert prices.breaker.state == "open"
    assert prices.counts.failures == 5
    assert prices.counts.stale == 10


async def test_warming_gives_the_cache_every_price(
    prices: Prices, cache: Cache
) -> None:
    assert await prices.warm() == len(LIST_PRICES)

    assert {item: await cache.price(item) for item in LIST_PRICES} == dict(LIST_PRICES)


async def test_a_cache_that_hangs_cannot_be_warmed(prices: Prices, wire: Wire) -> None:
    wire.cut()

    with pytest.raises(CacheUnreachable):
        await prices.warm()


async def test_a_price_that_could_not_be_put_back_is_still_good(
    wire: Wire, database: Database
) -> None:
    class CutAfterAsking(Cache):
        async def price(self, item: str) -> int | None:
            found = await super().price(item)
            wire.cut()
            return found

    cutting = CutAfterAsking(Address("127.0.0.1", wire.port), timeout=0.8)
    prices = Prices(cutting, PriceList(database), Breaker(), fallback=False)

    price = await prices.of("coffee")

    assert price == Price("coffee", LIST_PRICES["coffee"], stale=False)
    assert prices.counts.failures == 1
    await cutting.close()
