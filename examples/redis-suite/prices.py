"""A price list with a cache before it, which must sell even when the cache is gone."""

from __future__ import annotations

from contextlib import suppress

import redis

BOOK = {f"fruit-{number}": number for number in range(10)}
TIMEOUT = 0.2
"""Seconds that the cache may take before the book is asked."""


class Prices:
    """Asks the cache first, and the book if the cache does not answer in time."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.cache = redis.Redis(
            host=host,
            port=int(port),
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=None,
            decode_responses=True,
        )
        self.asked = 0
        """How often the book was asked."""

    def price(self, fruit: str) -> int:
        """Return a price, from wherever it can be had."""
        try:
            found = self.cache.get(fruit)
        except redis.RedisError:
            found = None
        return self._look_up(fruit) if found is None else int(found)

    def close(self) -> None:
        """Let go of the connections."""
        self.cache.close()

    def _look_up(self, fruit: str) -> int:
        self.asked += 1
        price = BOOK[fruit]
        with suppress(redis.RedisError):
            self.cache.set(fruit, price)
        return price
