"""A shop: FastAPI, and PostgreSQL behind it, which may be slow or gone.

What it promises: prices are always answered, stale if need be; an order is taken, or it
is refused in time, and sent again it is taken once.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from fastapi import FastAPI, HTTPException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DATABASE = os.environ.get("DATABASE_URL", "")
PATIENCE = float(os.environ.get("PATIENCE", "1"))
"""Seconds that the database may take."""

app = FastAPI()
known: dict[str, int] = {}
"""The prices as they were last seen."""


@asynccontextmanager
async def database() -> AsyncIterator[psycopg.AsyncConnection]:
    """Give a connection; refuse with 503 what the database does not do in time."""
    try:
        async with asyncio.timeout(PATIENCE):
            async with await psycopg.AsyncConnection.connect(DATABASE) as connection:
                yield connection
    except (psycopg.OperationalError, TimeoutError) as error:
        again = {"Retry-After": "1"}
        raise HTTPException(503, "try again", headers=again) from error


async def ask(query: str, *values: Any) -> Any:
    """Return the first row that a query gives."""
    async with database() as connection:
        return await (await connection.execute(query, values)).fetchone()


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
    async with database() as connection:
        await connection.execute(insert, (key, fruit))
    return {"taken": key}
