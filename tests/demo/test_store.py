"""The cache of the demo as a process."""

import contextlib
import socket
import struct
import time
from pathlib import Path

import pytest
from redis import Redis

from chaos_mcp.demo.catalogue import LIST_PRICES
from tests.demo.processes import Running, refused, running

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def client(store: Running) -> Redis:
    return Redis(host="127.0.0.1", port=store.port, decode_responses=True)


def test_it_speaks_redis_and_holds_the_prices(store: Running) -> None:
    with client(store) as redis:
        redis.set("anything", "at all")

        assert redis.get("anything") == "at all"
        assert redis.get("price:tea") == str(LIST_PRICES["tea"])
        assert store.ready["prices"] == len(LIST_PRICES)


def test_it_is_empty_unless_asked_and_ends_at_once_without_a_word() -> None:
    with running("store") as store, client(store) as redis:
        assert redis.dbsize() == 0

        code, seconds, said = store.end()

    assert (code, said) == (0, "")
    assert seconds < 2


def test_customers_that_hang_up_rudely_leave_no_trace() -> None:
    with running("store") as store:
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", store.port)) as rude:
                rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                rude.send(b"*2\r\n$3\r\nGET\r\n")

        with client(store) as redis:
            assert redis.ping()
        assert store.end()[2] == ""


def test_customers_who_say_nothing_cost_nothing() -> None:
    with running("store") as store, contextlib.ExitStack() as stack:
        for _ in range(50):
            redis = stack.enter_context(client(store))
            assert redis.ping()
        before = turns(store.process.pid)

        time.sleep(0.5)

        assert turns(store.process.pid) - before < 100


def turns(process: int) -> int:
    """Return how often threads of a process have gone to sleep so far."""
    return sum(
        int(line.split()[1])
        for status in Path(f"/proc/{process}/task").glob("*/status")
        for line in status.read_text("utf-8").splitlines()
        if line.startswith("voluntary")
    )


@pytest.mark.parametrize("module", ["store", "shop"])
def test_it_listens_on_ipv6_too(module: str) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    cache = ["--cache", "[::1]:1"] if module == "shop" else []

    with (
        running(module, *cache, listen="[::1]:0") as process,
        socket.create_connection(("::1", process.port)) as knock,
    ):
        assert knock.getpeername()[0] == "::1"


def test_it_ends_with_its_parent() -> None:
    with running("store", "--exit-with-parent") as store:
        assert store.process.stdin is not None
        store.process.stdin.close()

        assert store.process.wait(timeout=10) == 0


@pytest.mark.parametrize("module", ["store", "shop"])
def test_a_taken_port_is_one_line(store: Running, module: str) -> None:
    cache = ["--cache", "127.0.0.1:1"] if module == "shop" else []

    code, said = refused(module, "--listen", store.listen, *cache)

    assert code == 1
    assert (
        said == f"{module}: cannot listen on {store.listen}: Address already in use\n"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["store"], "--listen HOST:PORT, or PORT="),
        (["store", "--listen", "6379"], "must be HOST:PORT"),
        (["shop", "--listen", "127.0.0.1:0"], "--cache"),
        (["shop", "--cache", "a:1", "--cache-timeout", "5"], "time with its unit"),
    ],
)
def test_a_wrong_command_line_is_usage(arguments: list[str], problem: str) -> None:
    code, said = refused(*arguments)

    assert code == 2
    assert problem in said
    assert "Traceback" not in said
