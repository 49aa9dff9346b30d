"""What customers may rely on while the worker is frozen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import tasks
from conftest import LONG

if TYPE_CHECKING:
    import redis

    import chaos_mcp


def receipts(orders: range) -> list[str]:
    """Wait for the receipts of orders, and return them."""
    results = (tasks.app.AsyncResult(f"receipt-{order}") for order in orders)
    return [str(result.get(timeout=LONG)) for result in results]


def test_a_receipt_comes_at_once(written: redis.Redis) -> None:
    assert tasks.buy(1) == "receipt for order 1"
    assert written.get("written:1") == b"1"


def test_nobody_waits_for_a_frozen_worker(
    written: redis.Redis, chaos: chaos_mcp.Session
) -> None:
    with chaos.process_pause("worker"):
        began = time.monotonic()
        answer = tasks.buy(2)
        took = time.monotonic() - began
        assert written.get("written:2") is None

    assert answer == "your receipt for order 2 comes by mail"
    assert took < tasks.PATIENCE + 5


def test_no_receipt_is_lost_or_written_twice(
    written: redis.Redis, chaos: chaos_mcp.Session
) -> None:
    orders = range(10, 20)
    with chaos.process_pause("worker"):
        for order in orders:
            tasks.receipt.apply_async((order,), task_id=f"receipt-{order}")

    assert receipts(orders) == [f"receipt for order {order}" for order in orders]
    assert {written.get(f"written:{order}") for order in orders} == {b"1"}


def test_the_worker_works_again_at_once(
    written: redis.Redis, chaos: chaos_mcp.Session
) -> None:
    assert written
    with chaos.process_pause("worker", duration="1s"):
        tasks.buy(30)

    assert receipts(range(30, 31)) == ["receipt for order 30"]
    assert tasks.buy(31) == "receipt for order 31"
