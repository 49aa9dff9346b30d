"""What a thing costs: asked of the cache, twice if need be; else what it cost last."""

from dataclasses import dataclass

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random,
)

from chaos_mcp.demo.breaker import Breaker, BreakerOpen
from chaos_mcp.demo.cache import Cache, CacheUnreachable
from chaos_mcp.demo.pricelist import PriceList

_ATTEMPTS = 2


class PriceUnknown(Exception):
    """The cache cannot be asked, and selling by stale prices is switched off."""


@dataclass(frozen=True, slots=True)
class Price:
    """What `item` costs in cents; `stale` if nobody could say what it costs now."""

    item: str
    cents: int
    stale: bool


@dataclass(slots=True)
class Counts:
    """How prices were found since the last reset."""

    hits: int = 0
    misses: int = 0
    stale: int = 0
    unknown: int = 0
    retries: int = 0
    failures: int = 0


class Prices:
    """Prices with every defence that a shop has against a cache that is gone."""

    def __init__(
        self, cache: Cache, known: PriceList, breaker: Breaker, *, fallback: bool
    ) -> None:
        self.fallback = fallback
        self.breaker = breaker
        self.counts = Counts()
        self._cache, self._known = cache, known
        self._retrying = AsyncRetrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random(0, 0.01),
            retry=retry_if_exception_type(CacheUnreachable),
            before_sleep=self._count_retry,
            reraise=True,
        )

    async def of(self, item: str) -> Price:
        """Return the price of `item`, which must be in the catalogue.

        Raises `PriceUnknown` if the cache cannot be asked and `fallback` is off.
        """
        try:
            cents: int | None = await self._retrying.copy()(self._ask, item)
        except (CacheUnreachable, BreakerOpen) as error:
            return self._last_known(item, error)
        return await self._fresh(item, cents)

    async def warm(self) -> int:
        """Put every last known price into the cache; return how many.

        Raises `CacheUnreachable`.
        """
        prices = self._known.all()
        await self._cache.put(prices)
        return len(prices)

    async def _ask(self, item: str) -> int | None:
        with self.breaker.attempt():
            try:
                return await self._cache.price(item)
            except CacheUnreachable:
                self.counts.failures += 1
                raise

    async def _fresh(self, item: str, cents: int | None) -> Price:
        if cents is None:
            self.counts.misses += 1
            return Price(item, await self._refill(item), stale=False)
        self.counts.hits += 1
        await self._known.learn(item, cents)
        return Price(item, cents, stale=False)

    async def _refill(self, item: str) -> int:
        cents = self._known[item]
        try:
            await self._cache.put({item: cents})
        except CacheUnreachable:
            self.counts.failures += 1
        return cents

    def _last_known(self, item: str, error: Exception) -> Price:
        if not self.fallback:
            self.counts.unknown += 1
            raise PriceUnknown(
                "the cache does not answer, and stale prices are switched off"
            ) from error
        self.counts.stale += 1
        return Price(item, self._known[item], stale=True)

    def _count_retry(self, _: RetryCallState) -> None:
        self.counts.retries += 1
