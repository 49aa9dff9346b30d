"""The way to the cache keeps its time limit, and does not trip over dead ones."""

import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest
from redis import Redis

from chaos_mcp.demo.arguments import Address
from chaos_mcp.demo.cache import Cache, CacheUnreachable
from chaos_mcp.demo.redis_server import serving
from tests.demo.relay import Wire, wire_to

pytestmark = pytest.mark.anyio


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def redis_server(folder: Path) -> Iterator[Address]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian: redis-server)")
    address = Address("127.0.0.1", free_port())
    options = ["--port", str(address.port), "--bind", address.host, "--save", ""]
    with subprocess.Popen(
        [program, *options], cwd=folder, stdout=subprocess.DEVNULL
    ) as server:
        client = Redis(host=address.host, port=address.port)
        while not reachable(address):
            time.sleep(0.01)
        client.set("price:tea", 333)
        client.close()
        yield address
        server.terminate()


def reachable(address: Address) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex((address.host, address.port)) == 0


@pytest.fixture(params=["in this process", "redis-server"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    if request.param == "redis-server":
        yield from redis_server(tmp_path)
    else:
        prices = {"price:tea": 333}
        with serving(Address("127.0.0.1", 0), prices) as address:
            yield address


@pytest.fixture
async def wire(server: Address) -> AsyncIterator[Wire]:
    async with wire_to(server.port) as wire:
        yield wire


@pytest.fixture
async def cache(wire: Wire) -> AsyncIterator[Cache]:
    cache = Cache(Address("127.0.0.1", wire.port), timeout=1)
    yield cache
    await cache.close()


async def test_it_gives_what_was_put(cache: Cache) -> None:
    await cache.put({"tea": 1, "bread": 2})

    assert await cache.price("tea") == 1
    assert await cache.price("bread") == 2
    assert await cache.price("honey") is None


async def test_a_price_that_is_no_number_is_no_answer(
    cache: Cache, server: Address
) -> None:
    with Redis(host=server.host, port=server.port) as redis:
        redis.set("price:coffee", "dear")

    with pytest.raises(CacheUnreachable):
        await cache.price("coffee")

    assert await cache.price("tea") == 333


async def test_nobody_listening_is_unreachable() -> None:
    cache = Cache(Address("127.0.0.1", free_port()), timeout=1)

    with pytest.raises(CacheUnreachable):
        await cache.price("tea")
    with pytest.raises(CacheUnreachable):
        await cache.put({"tea": 1})


async def test_no_question_takes_longer_than_its_limit(
    cache: Cache, wire: Wire
) -> None:
    await cache.price("tea")
    wire.cut()

    for _ in range(2):
        with anyio.fail_after(5), pytest.raises(CacheUnreachable):
            await cache.price("tea")


async def test_after_the_cut_the_first_question_is_answered(
    cache: Cache, wire: Wire
) -> None:
    async def ask() -> None:
        await cache.price("tea")

    async with anyio.create_task_group() as customers:
        for _ in range(8):
            customers.start_soon(ask)
    wire.cut()
    with pytest.raises(CacheUnreachable):
        await cache.price("tea")

    wire.heal()

    assert await cache.price("tea") == 333


async def test_connections_that_died_in_the_cut_cost_no_question(
    cache: Cache, wire: Wire
) -> None:
    wire.kills = True
    async with anyio.create_task_group() as customers:
        for _ in range(8):
            customers.start_soon(cache.price, "tea")
    wire.cut()
    with pytest.raises(CacheUnreachable):
        await cache.price("tea")

    wire.heal()

    async with anyio.create_task_group() as customers:
        for _ in range(8):
            customers.start_soon(cache.price, "tea")

    assert await cache.price("tea") == 333


async def test_late_answers_are_never_taken_for_anothers(
    cache: Cache, wire: Wire
) -> None:
    await cache.put({"bread": 1, "tea": 2})
    wire.cut()
    with pytest.raises(CacheUnreachable):
        await cache.price("bread")
    wire.heal()

    assert [await cache.price("tea") for _ in range(5)] == [2] * 5
