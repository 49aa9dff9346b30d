"""Orders: stored once each, and written into a second book before anybody is told.

The second book, a plain file beside the database, lists what customers were told was
accepted. Comparing the two shows an order that was acknowledged and is not stored.
"""

import os
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from chaos_mcp.demo.database import Database
from chaos_mcp.demo.disk import Disk
from chaos_mcp.demo.prices import Price

_INSERT = """
INSERT INTO orders (id, request, item, quantity, cents, stale)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (request) DO NOTHING
"""
_COLUMNS = "id, request, item, quantity, cents, stale"


class RequestReused(Exception):
    """The customer's id for this order already stands for a different order."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order; `request` is the customer's id for it, `cents` the price of one."""

    id: str
    request: str
    item: str
    quantity: int
    cents: int
    stale: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """What the two books say: told to customers, stored, and where they disagree."""

    accepted: int
    stored: int
    lost: int
    duplicated: int


class OrderBook:
    """The shop's orders, each kept under the customer's own id for it."""

    def __init__(self, database: Database, disk: Disk | None = None) -> None:
        self._database = database
        self._disk = disk or Disk(database.path.parent)
        self._accepted = Path(f"{database.path}.accepted")
        self._pen = os.open(self._accepted, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        _mend(self._accepted)

    async def place(
        self, request: str | None, price: Price, quantity: int
    ) -> tuple[Order, bool]:
        """Store an order and note that it was accepted; return it and if it is new.

        The same `request` again gives the order that it gave before, at the price of
        then. Raises `RequestReused` if that one was for something else, and `DiskFull`.
        """
        return await self._database.run(
            self._disk.write, lambda: self._place(request, price, quantity)
        )

    async def find(self, order_id: str) -> Order | None:
        """Return the order called `order_id`, or None."""
        return await self._database.run(self._find, "id", order_id)

    async def audit(self) -> Audit:
        """Compare what customers were told with what is stored."""
        return await self._database.run(self._audit)

    async def clear(self) -> None:
        """Forget all orders, in both books."""
        await self._database.run(self._clear)

    def close(self) -> None:
        """Close the second book."""
        os.close(self._pen)

    def _place(
        self, request: str | None, price: Price, quantity: int
    ) -> tuple[Order, bool]:
        new = uuid.uuid4().hex
        order = Order(
            new, request or new, price.item, quantity, price.cents, price.stale
        )
        cursor = self._database.connection.execute(
            _INSERT, tuple(asdict(order).values())
        )
        stored = order if cursor.rowcount else self._same(order)
        # After the commit and before the answer: the customer is told of nothing
        # that is not stored, and whatever the customer is told is on record.
        os.write(self._pen, f"{stored.id} {stored.request}\n".encode())
        return stored, stored is order

    def _same(self, order: Order) -> Order:
        earlier = self._find("request", order.request)
        if earlier is None or (earlier.item, earlier.quantity) != (
            order.item,
            order.quantity,
        ):
            raise RequestReused(
                f"the id {order.request!r} already stands for a different order"
            )
        return earlier

    def _find(self, column: str, value: str) -> Order | None:
        row = self._database.connection.execute(
            f"SELECT {_COLUMNS} FROM orders WHERE {column} = ?",  # noqa: S608 - two columns, both named here
            (value,),
        ).fetchone()
        if row is None:
            return None
        order, request, item, quantity, cents, stale = row
        return Order(order, request, item, quantity, cents, bool(stale))

    def _audit(self) -> Audit:
        # The book of what was accepted first: an order placed in between is then
        # stored and not yet looked for, rather than lost for a moment.
        accepted = _read(self._accepted.read_text())
        with self._database.second_opinion() as other:
            stored = dict(other.execute("SELECT id, request FROM orders").fetchall())
        other.close()
        told = {**stored, **accepted}
        return Audit(
            accepted=len(accepted),
            stored=len(stored),
            lost=len(accepted.keys() - stored.keys()),
            duplicated=len(told) - len(set(told.values())),
        )

    def _clear(self) -> None:
        self._database.connection.execute("DELETE FROM orders")
        os.ftruncate(self._pen, 0)


def _mend(book: Path) -> None:
    """Cut off half a line, left by a crash, before the next is glued to it."""
    text = book.read_bytes()
    os.truncate(book, text.rfind(b"\n") + 1)


def _read(book: str) -> dict[str, str]:
    """Return customers' ids by order id; half a line at the end was told to nobody."""
    whole = book.split("\n")[:-1]
    return dict(line.split(" ", 1) for line in whole)
