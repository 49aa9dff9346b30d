"""The loop of the data path: calls at once, to the right one, and on time."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from chaos_mcp.proxy import loop as module

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs epoll")


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = module.new()
    yield made
    made.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ends = socket.socketpair()
    for one in ends:
        one.setblocking(False)  # noqa: FBT003
    yield ends
    for one in ends:
        one.close()


Pair = tuple[socket.socket, socket.socket]


def once(loop: asyncio.AbstractEventLoop) -> None:
    """Go round once, with whatever is ready."""
    loop.call_soon(loop.stop)
    loop.run_forever()


def test_a_reader_is_called_for_as_long_as_there_is_something(
    loop: asyncio.AbstractEventLoop, pair: Pair
) -> None:
    calls: list[str] = []
    loop.add_reader(pair[0], calls.append, "readable")
    once(loop)
    assert calls == []

    pair[1].send(b"x")
    once(loop)
    once(loop)

    assert calls == ["readable"] * 2


def test_a_reader_and_a_writer_of_one_socket_come_and_go_by_themselves(
    loop: asyncio.AbstractEventLoop, pair: Pair
) -> None:
    calls: list[str] = []
    pair[1].send(b"x")
    loop.add_reader(pair[0], calls.append, "r")
    loop.add_writer(pair[0], calls.append, "w")
    once(loop)

    removed = [loop.remove_writer(pair[0]), loop.remove_writer(pair[0])]
    once(loop)

    assert (calls, removed) == (["r", "w", "r"], [True, False])


def test_what_was_ready_for_a_socket_is_not_told_to_the_next_with_its_number(
    loop: asyncio.AbstractEventLoop, pair: Pair
) -> None:
    others, calls = socket.socketpair(), []
    numbers = [pair[0].fileno(), others[0].fileno()]

    def replaced(mine: int, other: int) -> None:
        calls.append("first")
        loop.remove_reader(mine)
        loop.remove_reader(other)
        silent = os.eventfd(0)
        os.dup2(silent, other)
        os.close(silent)
        loop.add_reader(other, calls.append, "not ready")

    for mine, other in (numbers, numbers[::-1]):
        loop.add_reader(mine, replaced, mine, other)
    for one in (pair[1], others[1]):
        one.send(b"x")
    once(loop)
    once(loop)

    assert calls == ["first"]
    for one in others:
        one.close()


def test_a_callback_that_fails_is_told_of_and_nobody_else_suffers(
    loop: asyncio.AbstractEventLoop, pair: Pair
) -> None:
    told: list[dict[str, Any]] = []
    calls: list[str] = []
    loop.set_exception_handler(lambda _, context: told.append(context))
    for one in pair:
        loop.add_writer(one, calls.append, "other")
    loop.add_writer(pair[0], lambda: 1 / 0)

    once(loop)

    assert [type(one["exception"]) for one in told] == [ZeroDivisionError]
    assert calls == ["other"]


def test_what_cannot_be_watched_is_refused_and_forgotten(
    loop: asyncio.AbstractEventLoop,
) -> None:
    with open(__file__, "rb") as file:  # noqa: PTH123
        with pytest.raises(OSError, match="not permitted"):
            loop.add_reader(file, print)

        assert not loop.remove_reader(file)


def test_streams_and_threads_work_beside_it(loop: asyncio.AbstractEventLoop) -> None:
    async def talk() -> bytes:
        async def echo(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            writer.write(await reader.read(10))
            writer.close()

        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            where = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(*where)
            writer.write(await asyncio.to_thread(bytes, b"hello"))
            answer = await reader.read()
            writer.close()
        return answer

    assert loop.run_until_complete(talk()) == b"hello"


def test_a_timer_is_never_early_and_mostly_within_a_part_of_a_millisecond(
    loop: asyncio.AbstractEventLoop,
) -> None:
    late: list[float] = []

    async def wait(seconds: float) -> None:
        due = loop.time() + seconds
        await asyncio.sleep(seconds)
        late.append(loop.time() - due)

    for seconds in [0.0002, 0.0003, 0.0041, 0.0102] * 10:
        loop.run_until_complete(wait(seconds))

    assert min(late) >= 0
    assert sorted(late)[len(late) // 4] < 0.0006  # asyncio's own: 0.0007


def test_nothing_to_do_costs_no_time_of_the_processor(
    loop: asyncio.AbstractEventLoop,
) -> None:
    before = time.process_time()

    loop.run_until_complete(asyncio.sleep(0.3))

    assert time.process_time() - before < 0.1
