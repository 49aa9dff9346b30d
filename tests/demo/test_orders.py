"""Orders are stored once each, and the second book shows what is missing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from chaos_mcp.demo.database import Database
from chaos_mcp.demo.orders import Audit, Order, OrderBook, RequestReused
from chaos_mcp.demo.prices import Price

pytestmark = pytest.mark.anyio

TEA = Price("tea", 320, stale=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def book(path: Path) -> Iterator[OrderBook]:
    with closing(Database(path)) as database, closing(OrderBook(database)) as book:
        yield book


@pytest.fixture
def half_written(path: Path) -> Path:
    Path(f"{path}.accepted").write_text("o1 a1\no2 a")
    return path


def tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        for statement in statements:
            other.execute(statement)


async def test_an_order_can_be_found_again(book: OrderBook) -> None:
    order, new = await book.place("a1", Price("tea", 320, stale=True), 2)

    assert new
    assert await book.find(order.id) == order
    assert order == Order(order.id, "a1", "tea", 2, 320, stale=True)
    assert await book.find("unheard of") is None


async def test_orders_without_an_id_of_the_customer_are_all_different(
    book: OrderBook,
) -> None:
    await book.place(None, TEA, 1)
    await book.place(None, TEA, 1)

    assert await book.audit() == Audit(accepted=2, stored=2, lost=0, duplicated=0)


async def test_the_same_request_again_gives_the_order_at_the_price_of_then(
    book: OrderBook,
) -> None:
    first, _ = await book.place("a1", TEA, 1)

    again, new = await book.place("a1", Price("tea", 999, stale=True), 1)

    assert again == first
    assert not new
    assert await book.audit() == Audit(accepted=1, stored=1, lost=0, duplicated=0)


async def test_many_customers_with_one_id_at_once_share_one_order(
    book: OrderBook,
) -> None:
    found: set[str] = set()

    async def place() -> None:
        order, _ = await book.place("a1", TEA, 1)
        found.add(order.id)

    async with anyio.create_task_group() as customers:
        for _ in range(20):
            customers.start_soon(place)

    assert len(found) == 1


@pytest.mark.parametrize(("item", "quantity"), [("coffee", 1), ("tea", 2)])
async def test_an_id_cannot_stand_for_two_different_orders(
    book: OrderBook, item: str, quantity: int
) -> None:
    await book.place("a1", TEA, 1)

    with pytest.raises(RequestReused, match="a1"):
        await book.place("a1", Price(item, 320, stale=False), quantity)

    assert (await book.audit()).stored == 1


async def test_an_acknowledged_order_that_is_not_stored_is_lost(
    book: OrderBook, path: Path
) -> None:
    order, _ = await book.place("a1", TEA, 1)
    await book.place("a2", TEA, 1)

    tamper(path, f"DELETE FROM orders WHERE id = '{order.id}'")  # noqa: S608 - ours

    assert await book.audit() == Audit(accepted=2, stored=1, lost=1, duplicated=0)


async def test_two_stored_orders_for_one_request_are_a_duplicate(
    book: OrderBook, path: Path
) -> None:
    await book.place("a1", TEA, 1)

    tamper(
        path,
        "DROP INDEX one_order_a_request",
        "INSERT INTO orders SELECT 'x', request, item, quantity, cents, stale"
        " FROM orders",
    )

    assert await book.audit() == Audit(accepted=1, stored=2, lost=0, duplicated=1)


async def test_an_order_told_to_nobody_is_stored_and_not_lost(
    book: OrderBook, path: Path
) -> None:
    tamper(path, "INSERT INTO orders VALUES ('x', 'a1', 'tea', 1, 320, 0)")

    assert await book.audit() == Audit(accepted=0, stored=1, lost=0, duplicated=0)


async def test_half_a_line_left_by_a_crash_is_nobodys_order(
    half_written: Path,
) -> None:
    with (
        closing(Database(half_written)) as database,
        closing(OrderBook(database)) as book,
    ):
        await book.place("a3", TEA, 1)

        assert await book.audit() == Audit(accepted=2, stored=1, lost=1, duplicated=0)


async def test_orders_outlive_the_shop(path: Path) -> None:
    with closing(Database(path)) as database, closing(OrderBook(database)) as book:
        order, _ = await book.place("a1", TEA, 1)

    with closing(Database(path)) as database, closing(OrderBook(database)) as book:
        assert await book.find(order.id) == order
        assert (await book.audit()).accepted == 1


async def test_a_reset_forgets_both_books(book: OrderBook) -> None:
    await book.place("a1", TEA, 1)

    await book.clear()

    assert await book.audit() == Audit(accepted=0, stored=0, lost=0, duplicated=0)
    _, new = await book.place("a1", TEA, 1)
    assert new
