"""What customers may rely on while the cache is slow, broken, or gone."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from prices import BOOK

import chaos_mcp

if TYPE_CHECKING:
    from prices import Prices

FRUITS = sorted(BOOK)


@pytest.mark.parametrize("fruit", FRUITS)
def test_a_price_is_right_without_the_cache(
    fruit: str,
    prices: Prices,
    proxy: chaos_mcp.Proxy,
    chaos: chaos_mcp.Session,
) -> None:
    with chaos.network_partition(proxy):
        assert prices.price(fruit) == BOOK[fruit]
    assert prices.asked == 1


@pytest.mark.parametrize("fruit", FRUITS)
@pytest.mark.chaos(fault="network.latency", proxy="redis", latency="30ms")
def test_a_slow_cache_is_still_used(fruit: str, prices: Prices) -> None:
    began = time.monotonic()

    assert prices.price(fruit) == BOOK[fruit]

    assert time.monotonic() - began > 0.03
    assert prices.asked == 0


@pytest.mark.parametrize("fruit", FRUITS)
@pytest.mark.chaos("network.latency", proxy="redis", latency="1s")
def test_a_cache_that_is_too_slow_is_given_up(fruit: str, prices: Prices) -> None:
    assert prices.price(fruit) == BOOK[fruit]
    assert prices.asked == 1


@pytest.mark.parametrize("fruit", FRUITS)
@pytest.mark.chaos("network.reset", proxy="redis", after=0)
def test_a_cache_that_hangs_up_costs_nobody_a_price(fruit: str, prices: Prices) -> None:
    assert prices.price(fruit) == BOOK[fruit]


@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_an_answer_in_pieces_is_one_answer(
    size: int, prices: Prices, proxy: chaos_mcp.Proxy, chaos: chaos_mcp.Session
) -> None:
    with chaos.network_slicer(proxy, average_size=size, delay=0.001):
        assert prices.price("fruit-3") == 3
    assert prices.asked == 0


@pytest.mark.parametrize("seconds", [0.05, 0.1])
def test_the_cache_is_used_again_once_it_is_back(
    seconds: float, prices: Prices, proxy: chaos_mcp.Proxy, chaos: chaos_mcp.Session
) -> None:
    with chaos.network_partition(proxy, duration=seconds):
        prices.price("fruit-1")
        time.sleep(seconds)
    asked = prices.asked

    assert prices.price("fruit-2") == 2
    assert prices.asked == asked


def test_customers_are_served_all_the_while(
    prices: Prices, proxy: chaos_mcp.Proxy, chaos: chaos_mcp.Session
) -> None:
    def served() -> bool:
        return prices.price("fruit-4") == 4

    with chaos.network_partition(proxy), chaos.watch(served, every=0.02) as watched:
        while len(watched.answers) < 2:
            time.sleep(0.01)

    chaos_mcp.assert_stable(watched)


def test_two_faults_at_once(
    prices: Prices, proxy: chaos_mcp.Proxy, chaos: chaos_mcp.Session
) -> None:
    with (
        chaos.network_latency(proxy, latency="10ms"),
        chaos.network_bandwidth(proxy, rate="100 KB/s"),
    ):
        assert prices.price("fruit-5") == 5


def test_a_frozen_cache_is_given_up(prices: Prices, chaos: chaos_mcp.Session) -> None:
    with chaos.process_pause("redis"):
        assert prices.price("fruit-6") == 6


def test_it_holds_in_asynchronous_code(
    prices: Prices, proxy: chaos_mcp.Proxy, achaos: chaos_mcp.AsyncSession
) -> None:
    async def main() -> int:
        async with achaos.network_partition(proxy):
            return await asyncio.to_thread(prices.price, "fruit-7")

    assert asyncio.run(main()) == 7
