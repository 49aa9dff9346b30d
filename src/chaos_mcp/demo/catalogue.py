"""What the shop sells, and the list price of each thing in cents."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LIST_PRICES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "coffee": 450,
        "tea": 320,
        "cocoa": 390,
        "bread": 280,
        "butter": 250,
        "honey": 790,
        "cheese": 1_120,
        "apples": 340,
    }
)
DEFAULT_ITEM: Final = "coffee"


def cache_key(item: str) -> str:
    """Return the key under which the cache holds the price of `item`."""
    return f"price:{item}"
