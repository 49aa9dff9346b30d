"""What customers may rely on while the database is slow, or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx
    import psycopg

    import chaos_mcp


def orders(rows: psycopg.Connection) -> int:
    """Return how many orders there are."""
    found = rows.execute("SELECT count(*) FROM orders").fetchone()
    assert found
    return int(found[0])


def test_a_slow_database_is_waited_for(
    shop: httpx.Client, proxy: chaos_mcp.Proxy, chaos: chaos_mcp.Session
) -> None:
    with chaos.network_latency(proxy, latency="30ms", jitter="10ms"):
        assert shop.get("/prices/apple").json() == {"price": 3, "stale": False}
        assert shop.put("/orders/1/apple").status_code == 201


def test_prices_are_answered_without_a_database(
    shop: httpx.Client, proxy: chaos_mcp.Proxy, chaos: chaos_mcp.Session
) -> None:
    with chaos.network_partition(proxy):
        assert shop.get("/prices/apple").json() == {"price": 3, "stale": True}


def test_prices_are_fresh_again_once_it_is_back(
    shop: httpx.Client,
    proxy: chaos_mcp.Proxy,
    chaos: chaos_mcp.Session,
    rows: psycopg.Connection,
) -> None:
    with chaos.network_partition(proxy):
        rows.execute("UPDATE prices SET price = 5 WHERE fruit = 'apple'")
        assert shop.get("/prices/apple").json()["stale"]

    assert shop.get("/prices/apple").json() == {"price": 5, "stale": False}


def test_a_database_that_is_too_slow_is_not_waited_for(
    shop: httpx.Client, proxy: chaos_mcp.Proxy, chaos: chaos_mcp.Session
) -> None:
    with chaos.network_latency(proxy, latency="30s"):
        answer = shop.get("/prices/apple")

    assert answer.json()["stale"]
    assert answer.elapsed.total_seconds() < 10


def test_an_order_is_refused_in_time_and_taken_once_when_it_is_sent_again(
    shop: httpx.Client,
    proxy: chaos_mcp.Proxy,
    chaos: chaos_mcp.Session,
    rows: psycopg.Connection,
) -> None:
    with chaos.network_partition(proxy):
        refused = shop.put("/orders/1/apple")
    answers = [shop.put("/orders/1/apple").status_code for _ in range(2)]

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert answers == [201, 201]
    assert orders(rows) == 1


def test_customers_are_served_all_the_while(
    shop: httpx.Client, proxy: chaos_mcp.Proxy, chaos: chaos_mcp.Session
) -> None:
    def served() -> bool:
        return shop.get("/prices/apple").json()["price"] == 3

    with chaos.watch(served, every=0.1) as watched, chaos.network_partition(proxy):
        while len(watched.answers) < 3:
            served()
