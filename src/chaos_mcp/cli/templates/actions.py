"""Actions of this project: each public function is one, called `example.<name>`."""

import httpx


async def warm_cache(url: str) -> None:
    """Fill the shop's cache again."""
    async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
        (await client.post(f"{url}/admin/warm")).raise_for_status()
