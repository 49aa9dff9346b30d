"""Orders: what customers were told was accepted, against what the shop has stored."""

from chaos_mcp.demo.client import ask


async def lost(url: str) -> int:
    """Return how many orders the shop at `url` acknowledged and has not stored."""
    return await _count(url, "lost")


async def duplicated(url: str) -> int:
    """Return how many orders exist beyond one for each request of a customer."""
    return await _count(url, "duplicated")


async def accepted(url: str) -> int:
    """Return how many orders the shop at `url` acknowledged since its last reset."""
    return await _count(url, "accepted")


async def stored(url: str) -> int:
    """Return how many orders are in the database of the shop at `url`."""
    return await _count(url, "stored")


async def _count(url: str, name: str) -> int:
    return int((await ask(url, "/orders"))[name])
