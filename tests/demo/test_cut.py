"""What the demo is for: the shop is cut off from its cache, and goes on or does not."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import anyio
import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.demo.processes import Running, running
from tests.demo.relay import Wire, wire_to

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class WiredShop:
    """A shop whose wire to its cache can be cut, by a relay in a thread of its own."""

    url: str
    portal: BlockingPortal
    wire: Wire

    def cut(self) -> None:
        self.portal.call(self.wire.cut)

    def heal(self) -> None:
        self.portal.call(self.wire.heal)


@contextmanager
def wired_shop(store: Running, *arguments: str) -> Iterator[WiredShop]:
    with ExitStack() as ending:
        portal = ending.enter_context(start_blocking_portal())
        relay = portal.wrap_async_context_manager(wire_to(store.port))
        wire = ending.enter_context(relay)
        options = ["--cache", f"127.0.0.1:{wire.port}", "--breaker-rest", "300ms"]
        shop = ending.enter_context(running("shop", *options, *arguments))
        yield WiredShop(shop.url, portal, wire)


@pytest.fixture
def shop(store: Running) -> Iterator[WiredShop]:
    with wired_shop(store) as shop:
        yield shop


@pytest.fixture
def fragile(store: Running) -> Iterator[WiredShop]:
    with wired_shop(store, "--no-fallback") as shop:
        yield shop


async def answered(
    customer: httpx.AsyncClient, url: str, until: Callable[[httpx.Response], bool]
) -> None:
    with anyio.fail_after(10):
        while not until(await customer.post(f"{url}/checkout")):  # noqa: ASYNC110 - as customers do
            await anyio.sleep(0.02)


async def test_customers_are_served_stale_prices_and_soon_as_fast_as_ever(
    shop: WiredShop, customer: httpx.AsyncClient
) -> None:
    await customer.post(f"{shop.url}/checkout")
    shop.cut()

    receipts = [await customer.post(f"{shop.url}/checkout") for _ in range(60)]

    assert {receipt.status_code for receipt in receipts} == {201}
    assert all(receipt.json()["stale"] for receipt in receipts)
    slow = [each for each in receipts if each.elapsed.total_seconds() > 0.09]
    assert 1 <= len(slow) < 20
    stats = (await customer.get(f"{shop.url}/stats")).json()
    assert stats["breaker"]["opened"] >= 1


async def test_health_is_quick_while_the_cache_hangs(
    shop: WiredShop, customer: httpx.AsyncClient
) -> None:
    shop.cut()

    async with anyio.create_task_group() as customers:
        for _ in range(20):
            customers.start_soon(customer.post, f"{shop.url}/checkout")
        response = await customer.get(f"{shop.url}/health", timeout=1)

    assert response.status_code == 200


async def test_prices_are_fresh_again_soon_after_the_wire_is_whole(
    shop: WiredShop, customer: httpx.AsyncClient
) -> None:
    shop.cut()
    await answered(customer, shop.url, lambda response: response.json()["stale"])
    shop.heal()
    healed = time.monotonic()

    await answered(customer, shop.url, lambda response: not response.json()["stale"])

    assert time.monotonic() - healed < 3


async def test_without_fallback_customers_wait_and_then_are_sent_away(
    fragile: WiredShop, customer: httpx.AsyncClient
) -> None:
    await answered(customer, fragile.url, lambda answer: answer.status_code == 201)
    fragile.cut()

    refusals = [await customer.post(f"{fragile.url}/checkout") for _ in range(20)]

    assert {refusal.status_code for refusal in refusals} == {503}
    assert refusals[0].elapsed.total_seconds() > 0.09
    assert min(refusal.elapsed.total_seconds() for refusal in refusals) < 0.09


async def test_without_fallback_customers_are_served_again_after_the_cut(
    fragile: WiredShop, customer: httpx.AsyncClient
) -> None:
    fragile.cut()
    await answered(customer, fragile.url, lambda answer: answer.status_code == 503)
    fragile.heal()

    await answered(customer, fragile.url, lambda answer: answer.status_code == 201)

    audit = (await customer.get(f"{fragile.url}/orders")).json()
    assert (audit["lost"], audit["duplicated"]) == (0, 0)


async def test_no_order_is_lost_or_doubled_through_cuts_and_retries(
    shop: WiredShop, customer: httpx.AsyncClient
) -> None:
    answers: Counter[int] = Counter()

    async def buy(number: int) -> None:
        for _ in range(3):
            response = await customer.post(
                f"{shop.url}/checkout", headers={"Idempotency-Key": f"order-{number}"}
            )
            answers[response.status_code] += 1

    async with anyio.create_task_group() as customers:
        for number in range(30):
            if number % 10 == 5:
                shop.cut()
            elif number % 10 == 0:
                shop.heal()
            customers.start_soon(buy, number)
            await anyio.sleep(0.02)

    audit = (await customer.get(f"{shop.url}/orders")).json()
    assert audit == {"accepted": 30, "stored": 30, "lost": 0, "duplicated": 0}
    assert answers == {201: 30, 200: 60}
