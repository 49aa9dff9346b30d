"""Turn the knobs of the demo shop."""

from chaos_mcp.demo.client import tell


async def switch_fallback(url: str, *, enabled: bool) -> bool:
    """Let the shop at `url` sell by stale prices, or not; return what it now does."""
    return bool((await tell(url, "/admin/fallback", {"enabled": enabled}))["fallback"])


async def warm_cache(url: str) -> int:
    """Have the shop put its prices into its cache; return how many there are."""
    return int((await tell(url, "/admin/warm"))["prices"])


async def reset(url: str) -> None:
    """Have the shop at `url` forget its orders and counts; its prices stay."""
    await tell(url, "/admin/reset")
