"""Probes of this project: each public function is one, called `example.<name>`."""

import httpx


async def orders_taken(url: str) -> int:
    """Return how many orders the shop has taken. An exception means *unknown*."""
    async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
        answer = await client.get(f"{url}/orders")
    return int(answer.raise_for_status().json()["accepted"])
