"""Put the shop together, serve with it, and take it apart again."""

import contextlib
import socket
import sqlite3
from collections.abc import AsyncIterator

from starlette.applications import Starlette

from chaos_mcp.demo.breaker import Breaker
from chaos_mcp.demo.cache import Cache, CacheUnreachable
from chaos_mcp.demo.catalogue import DEFAULT_ITEM
from chaos_mcp.demo.counter import Counter
from chaos_mcp.demo.database import Database
from chaos_mcp.demo.disk import Disk
from chaos_mcp.demo.http_server import serve
from chaos_mcp.demo.lifetime import announce, bound_to, give_up
from chaos_mcp.demo.orders import OrderBook
from chaos_mcp.demo.pricelist import PriceList
from chaos_mcp.demo.prices import Prices
from chaos_mcp.demo.settings import Settings
from chaos_mcp.demo.web import application


def run(settings: Settings, listener: socket.socket) -> None:
    """Serve customers on `listener` until told to stop."""
    disk = Disk(settings.database.parent, settings.disk, settings.ballast)
    with contextlib.closing(disk), contextlib.closing(_open(settings)) as database:
        cache = Cache(settings.cache, settings.cache_timeout)
        orders = OrderBook(database, disk)
        counter = _counter(settings, database, cache, orders)

        @contextlib.asynccontextmanager
        async def open_hours(_: Starlette) -> AsyncIterator[None]:
            await _rehearse(cache, orders)
            yield
            await cache.close()
            orders.close()

        serve(
            application(counter, open_hours),
            listener,
            on_ready=lambda: _announce(settings, listener),
        )


async def _rehearse(cache: Cache, orders: OrderBook) -> None:
    # What is used for the first time is imported, connected and started first; it
    # took the first customer 60 ms, which now passes before the shop is open.
    with contextlib.suppress(CacheUnreachable):
        await cache.price(DEFAULT_ITEM)
    await orders.audit()


def _open(settings: Settings) -> Database:
    try:
        return Database(settings.database)
    except sqlite3.Error as error:
        give_up(f"cannot use {settings.database} as the database: {error}")


def _counter(
    settings: Settings, database: Database, cache: Cache, orders: OrderBook
) -> Counter:
    known = PriceList(database)
    breaker = Breaker(failures=settings.breaker_failures, rest=settings.breaker_rest)
    prices = Prices(cache, known, breaker, fallback=settings.fallback)
    return Counter(known, prices, orders)


def _announce(settings: Settings, listener: socket.socket) -> None:
    announce(
        "shop.ready",
        listen=str(bound_to(listener)),
        cache=str(settings.cache),
        database=str(settings.database),
        fallback=settings.fallback,
    )
