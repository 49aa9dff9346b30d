"""A shop: FastAPI, and PostgreSQL behind it, which may be slow or gone.

What it promises: prices are always answered, stale if need be; an order is taken, or it
is refused in time, and sent again it is taken once.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import psycopg
from fastapi import FastAPI, HTTPException

DATABASE = os.environ.get("DATABASE_URL", "")
PATIENCE = float(os.environ.get("PATIENCE", "1"))
"""Seconds that the database may take."""

app = FastAPI()
known: dict[str, int] = {}
"""The prices as they were last seen."""
asking: set[asyncio.Task[Any]] = set()


async def ask(query: str, *values: Any) -> Any:
    """Return the first row that a query gives; refuse with 503 what takes too long.

    What is late is not waited for, not even to be cancelled: psycopg would first have
    the server agree, which may be gone.
    """
    task = asyncio.create_task(_asked(query, values))
    asking.add(task)
    task.add_done_callback(_over)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done:
        task.cancel()
        raise _busy()
    try:
        return task.result()
    except psycopg.OperationalError as error:
        raise _busy() from error


async def _asked(query: str, values: tuple[Any, ...]) -> Any:
    async with await psycopg.AsyncConnection.connect(DATABASE) as connection:
        found = await connection.execute(query, values)
        return await found.fetchone() if found.description else None


def _over(task: asyncio.Task[Any]) -> None:
    """Forget it, whatever came of it."""
    asking.discard(task)
    if not task.cancelled():
        task.exception()


def _busy() -> HTTPException:
    return HTTPException(503, "try again", headers={"Retry-After": "1"})


@app.get("/prices/{fruit}")
async def price(fruit: str) -> dict[str, Any]:
    """Return a price, and whether it may be out of date."""
    try:
        row = await ask("SELECT price FROM prices WHERE fruit = %s", fruit)
    except HTTPException:
        if fruit not in known:
            raise
        return {"price": known[fruit], "stale": True}
    if row is None:
        raise HTTPException(404, "there is no such fruit")
    known[fruit] = row[0]
    return {"price": row[0], "stale": False}


@app.put("/orders/{key}/{fruit}", status_code=201)
async def order(key: str, fruit: str) -> dict[str, str]:
    """Take an order under the customer's own key: once, however often it is sent."""
    insert = "INSERT INTO orders (key, fruit) VALUES (%s, %s) ON CONFLICT DO NOTHING"
    await ask(insert, key, fruit)
    return {"taken": key}
