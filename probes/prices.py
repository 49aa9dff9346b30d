"""Prices: how many were stale, and whether the shop still asks its cache."""

from chaos_mcp.demo.client import ask
from chaos_mcp.errors import ActivityFailed


class NothingSold(ActivityFailed):
    """No price was given yet, so none can be called stale or fresh."""


async def stale_share(url: str) -> float:
    """Return which share, from 0 to 1, of the prices since the last reset was stale.

    Raises `NothingSold` if the shop at `url` gave no price since.
    """
    prices = (await ask(url, "/stats"))["prices"]
    given = int(prices["hits"] + prices["misses"] + prices["stale"])
    if not given:
        raise NothingSold(f"the shop at {url} gave no price yet")
    return int(prices["stale"]) / given


async def breaker_state(url: str) -> str:
    """Return `closed`, `open` or `half-open`: how the shop sees its cache now."""
    return str((await ask(url, "/stats"))["breaker"]["state"])


async def fallback_enabled(url: str) -> bool:
    """Return whether the shop at `url` may sell by stale prices."""
    return bool((await ask(url, "/stats"))["fallback"])
