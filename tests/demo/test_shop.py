"""The shop as customers and operators meet it: a process that answers HTTP."""

from pathlib import Path
from statistics import median

import anyio
import httpx
import pytest

from chaos_mcp.demo.catalogue import LIST_PRICES
from tests.demo.processes import Running, refused, running

pytestmark = pytest.mark.anyio


async def test_it_says_that_it_is_well(
    shop: Running, customer: httpx.AsyncClient
) -> None:
    response = await customer.get(f"{shop.url}/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_no_answer_waits_for_a_delayed_acknowledgement(
    shop: Running, customer: httpx.AsyncClient
) -> None:
    """Nagle's algorithm would add 40 ms to each answer on a kept connection."""
    answers = [await customer.get(f"{shop.url}/health") for _ in range(60)]

    assert median(answer.elapsed.total_seconds() for answer in answers) < 0.03


async def test_a_checkout_without_a_body_sells_the_default_item(
    shop: Running, customer: httpx.AsyncClient
) -> None:
    response = await customer.post(f"{shop.url}/checkout")

    assert response.status_code == 201
    receipt = response.json()
    assert receipt.pop("order")
    assert receipt == {
        "item": "coffee",
        "quantity": 1,
        "cents": LIST_PRICES["coffee"],
        "stale": False,
    }


async def test_an_order_can_be_looked_up(
    shop: Running, customer: httpx.AsyncClient
) -> None:
    body = {"item": "tea", "quantity": 2}
    receipt = (await customer.post(f"{shop.url}/checkout", json=body)).json()

    found = await customer.get(f"{shop.url}/orders/{receipt['order']}")
    missing = await customer.get(f"{shop.url}/orders/none")

    assert found.json() == receipt
    assert missing.status_code == 404


async def test_the_same_order_twice_is_one_order(
    shop: Running, customer: httpx.AsyncClient
) -> None:
    checkout = f"{shop.url}/checkout"

    first = await customer.post(checkout, json={"order": "a1"})
    second = await customer.post(checkout, headers={"Idempotency-Key": "a1"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert (await customer.get(f"{shop.url}/orders")).json()["stored"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"item": "gold"}, 404),
        ({"item": 5}, 400),
        ({"item": "tea", "order": "a1"}, 409),
    ],
)
async def test_what_cannot_be_sold_is_refused_with_a_reason(
    shop: Running, customer: httpx.AsyncClient, body: object, status: int
) -> None:
    await customer.post(f"{shop.url}/checkout", json={"item": "bread", "order": "a1"})

    response = await customer.post(f"{shop.url}/checkout", json=body)

    assert response.status_code == status
    assert response.json()["error"]


async def test_a_price_can_be_asked(shop: Running, customer: httpx.AsyncClient) -> None:
    response = await customer.get(f"{shop.url}/price/tea")

    assert response.json() == {
        "item": "tea",
        "cents": LIST_PRICES["tea"],
        "stale": False,
    }


async def test_no_order_is_lost_or_doubled_by_impatient_customers(
    shop: Running, customer: httpx.AsyncClient
) -> None:
    """Fifty customers send their order three times each, two of them at once."""

    async def buy(order: str) -> None:
        response = await customer.post(f"{shop.url}/checkout", json={"order": order})
        assert response.status_code in {200, 201}

    async with anyio.create_task_group() as customers:
        for number in range(50):
            for _ in range(3):
                customers.start_soon(buy, f"order-{number}")

    audit = (await customer.get(f"{shop.url}/orders")).json()
    assert audit == {"accepted": 50, "stored": 50, "lost": 0, "duplicated": 0}


def test_it_ends_at_once_without_a_word_and_leaves_nothing(store: Running) -> None:
    with (
        running("shop", "--cache", store.listen) as shop,
        httpx.Client() as customer,
    ):
        customer.post(f"{shop.url}/checkout").raise_for_status()

        code, seconds, said = shop.end()

    assert (code, said) == (0, "")
    assert seconds < 2
    assert not Path(shop.ready["database"]).parent.exists()


def test_it_ends_with_its_parent(store: Running) -> None:
    with running("shop", "--cache", store.listen, "--exit-with-parent") as shop:
        assert shop.process.stdin is not None
        shop.process.stdin.close()

        assert shop.process.wait(timeout=10) == 0


def test_what_it_sold_survives_being_killed(store: Running, tmp_path: Path) -> None:
    where = ["--cache", store.listen, "--database", str(tmp_path / "shop.db")]
    with running("shop", *where) as shop:
        sold = httpx.post(f"{shop.url}/checkout").json()
        shop.process.kill()

    with running("shop", *where) as shop:
        assert httpx.get(f"{shop.url}/orders/{sold['order']}").json() == sold
        assert httpx.get(f"{shop.url}/orders").json()["lost"] == 0


def test_a_database_that_is_none_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    file.write_text("not a database, " * 100)

    code, said = refused(
        "shop", "--listen", "127.0.0.1:0", "--cache", "a:1", "--database", str(file)
    )

    assert code == 1
    assert said.startswith(f"shop: cannot use {file} as the database: ")
    assert said.count("\n") == 1


def test_it_opens_without_its_cache() -> None:
    with running("shop", "--cache", "127.0.0.1:1") as shop:
        response = httpx.post(f"{shop.url}/checkout")

    assert response.json()["stale"] is True
