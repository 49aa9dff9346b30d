"""A shop that has its receipts written by a Celery worker, and does not wait for it.

What it promises: whoever buys is answered in time, with the receipt or with the promise
of one; and each receipt is written, once, whatever the worker goes through meanwhile.
"""

from __future__ import annotations

import os

from celery import Celery
from celery.exceptions import TimeoutError as NotYet

BROKER = os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0")
PATIENCE = 1.0
"""Seconds that a customer waits for a receipt."""

app = Celery("tasks", broker=BROKER, backend=BROKER)
# A task that was begun and not finished is another worker's after a while.
app.conf.task_acks_late = True
app.conf.worker_prefetch_multiplier = 1
app.conf.broker_connection_retry_on_startup = True


@app.task
def receipt(order: int) -> str:
    """Write a receipt, and count how often it was written."""
    app.backend.client.incr(f"written:{order}")
    return f"receipt for order {order}"


def buy(order: int) -> str:
    """Return the receipt if it is there in time, or the promise of one."""
    result = receipt.apply_async((order,), task_id=f"receipt-{order}")
    try:
        return str(result.get(timeout=PATIENCE))
    except NotYet:
        return f"your receipt for order {order} comes by mail"
