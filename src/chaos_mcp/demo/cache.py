"""The shop's way to its cache: Redis, with a time limit over the whole question."""

import asyncio
from collections.abc import Mapping

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from chaos_mcp.demo.arguments import Address
from chaos_mcp.demo.catalogue import cache_key


class CacheUnreachable(Exception):
    """The cache gave no usable answer in time."""


class Cache:
    """Prices by item, somewhere else; every call takes at most `timeout` seconds.

    redis-py's own retries and time limits are off, as is the greeting that costs a new
    connection two round trips: retrying is decided in `prices`, and one limit over
    connecting, asking and reading is a promise that three limits are not.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self._timeout = timeout
        self._redis = Redis(
            host=address.host,
            port=address.port,
            protocol=2,
            driver_info=None,
            socket_timeout=None,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )

    async def price(self, item: str) -> int | None:
        """Return the price of `item` in cents, or None if the cache has none.

        Raises `CacheUnreachable`.
        """
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._redis.get(cache_key(item))
            return None if answer is None else int(answer)
        except (RedisError, OSError, ValueError) as error:
            await self._hang_up()
            raise CacheUnreachable(str(error) or "no answer in time") from error

    async def put(self, prices: Mapping[str, int]) -> None:
        """Set the price of each item. Raises `CacheUnreachable`."""
        values = {cache_key(item): cents for item, cents in prices.items()}
        try:
            async with asyncio.timeout(self._timeout):
                await self._redis.mset(values)
        except (RedisError, OSError) as error:
            await self._hang_up()
            raise CacheUnreachable(str(error) or "no answer in time") from error

    async def close(self) -> None:
        """Hang up every connection."""
        await self._redis.aclose()

    async def _hang_up(self) -> None:
        # One connection that hangs means that its idle neighbours do too; the
        # next question should not have to find that out one time limit each.
        await self._redis.connection_pool.disconnect(inuse_connections=False)
