"""The last price that this shop saw of each thing: what it sells by when cut off."""

from collections.abc import Mapping

from chaos_mcp.demo.catalogue import LIST_PRICES
from chaos_mcp.demo.database import Database


class PriceList:
    """Prices in memory, and in the database so that a restart keeps them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        rows = database.connection.execute("SELECT item, cents FROM prices")
        self._prices: dict[str, int] = {**LIST_PRICES, **dict(rows.fetchall())}

    def __contains__(self, item: object) -> bool:
        """Return whether the shop sells `item`."""
        return item in self._prices

    def __getitem__(self, item: str) -> int:
        """Return the last known price of `item` in cents."""
        return self._prices[item]

    def all(self) -> Mapping[str, int]:
        """Return every last known price, in cents."""
        return dict(self._prices)

    async def learn(self, item: str, cents: int) -> None:
        """Remember that `item` now costs `cents`; cheap when it already did."""
        if self._prices.get(item) == cents:
            return
        self._prices[item] = cents
        await self._database.run(self._write, item, cents)

    def _write(self, item: str, cents: int) -> None:
        self._database.connection.execute(
            "INSERT OR REPLACE INTO prices (item, cents) VALUES (?, ?)", (item, cents)
        )
