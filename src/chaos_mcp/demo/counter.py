"""The shop's counter: find the price, take the order."""

from dataclasses import asdict
from typing import Any

from chaos_mcp.demo.orders import Order, OrderBook
from chaos_mcp.demo.pricelist import PriceList
from chaos_mcp.demo.prices import Counts, Price, Prices
from chaos_mcp.demo.requests import Checkout


class NotSold(Exception):
    """The shop does not sell that."""


class Counter:
    """Where customers are served."""

    def __init__(self, known: PriceList, prices: Prices, orders: OrderBook) -> None:
        self.prices = prices
        self.orders = orders
        self._known = known

    async def price(self, item: str) -> Price:
        """Return what `item` costs. Raises `NotSold` and `PriceUnknown`."""
        if item not in self._known:
            raise NotSold(f"the shop does not sell {item!r}")
        return await self.prices.of(item)

    async def sell(self, checkout: Checkout) -> tuple[Order, bool]:
        """Return the stored order, and whether it is new rather than sent again.

        Raises `NotSold`, `PriceUnknown`, `RequestReused` and `DiskFull`.
        """
        price = await self.price(checkout.item)
        return await self.orders.place(checkout.order, price, checkout.quantity)

    def stats(self) -> dict[str, Any]:
        """Return how prices were found since the last reset, as JSON."""
        return {
            "prices": asdict(self.prices.counts),
            "breaker": {
                "state": self.prices.breaker.state,
                "opened": self.prices.breaker.opened,
            },
            "fallback": self.prices.fallback,
        }

    async def reset(self) -> None:
        """Forget every order and count; the fallback stays as it is switched."""
        await self.orders.clear()
        self.prices.counts = Counts()
        self.prices.breaker.reset()
