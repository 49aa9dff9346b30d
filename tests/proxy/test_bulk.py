"""Bulk traffic, which goes through a pipe, and what is held back for long."""

import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.proxy.running import PATIENCE, Proxied, Server, until
from tests.proxy.upstreams import (
    Upstream,
    exactly,
    nothing,
    rest,
    sending,
    told,
    upstream,
)

MUCH = 30_000_000


def _much(seed: int) -> bytes:
    return random.Random(seed).randbytes(MUCH)  # noqa: S311 - repeatable


def _echoed(client: socket.socket, data: bytes) -> bytes:
    """Send data, then end; return what comes back in the meantime."""
    with sending(client, data, end=True):
        return rest(client)


def test_much_passes_both_ways_and_is_counted_to_the_byte(proxy: Proxied) -> None:
    data = _much(1)

    with proxy.connect() as client:
        got = _echoed(client, data)

    assert told(got) == told(data)
    assert until(lambda: proxy.stats()["open"] == 0)
    for counter in ("received_bytes", "sent_bytes"):
        assert proxy.stats()[counter] == {"upstream": MUCH, "downstream": MUCH}


def test_toxics_that_come_and_go_amid_much_lose_and_swap_nothing(
    proxy: Proxied,
) -> None:
    data = _much(2)
    done = threading.Event()

    def toxics() -> None:
        while not done.is_set():
            for stream in ("upstream", "downstream"):
                name = proxy.add("latency", stream, latency=5)
                proxy.remove(name)

    with ThreadPoolExecutor(1) as pool, proxy.connect() as client:
        changing = pool.submit(toxics)
        try:
            got = _echoed(client, data)
        finally:
            done.set()
        changing.result(PATIENCE)

    assert told(got) == told(data)


def test_a_slow_reader_of_much_gets_it_all(server: Server) -> None:
    data = _much(3)

    def slow(client: socket.socket) -> None:
        while data := client.recv(65536):
            time.sleep(0.001)
            client.sendall(data)
        client.shutdown(socket.SHUT_WR)

    with upstream(slow) as behind:
        proxy = server.proxy(behind.address)
        with proxy.connect() as client:
            got = _echoed(client, data)

    assert told(got) == told(data)


def test_after_much_a_conversation_goes_on(proxy: Proxied) -> None:
    data = _much(4)
    with proxy.connect() as client:
        with sending(client, data):
            got = exactly(client, MUCH)

        answers = []
        for number in range(20):
            client.sendall(b"%02d" % number)
            answers.append(exactly(client, 2))

    assert told(got) == told(data)
    assert answers == [b"%02d" % number for number in range(20)]


def test_a_wider_bandwidth_does_not_make_up_for_the_time_before(
    proxy: Proxied,
) -> None:
    name = proxy.add("bandwidth", "upstream", rate=0)
    with proxy.connect() as client:
        client.sendall(b"x" * 30_000)
        until(lambda: proxy.effects(name)["bytes"] == 30_000)
        until(lambda: proxy.effects(name)["delayed_seconds"] > 0.3)
        started = time.monotonic()

        proxy.update(name, rate=100)
        got = 0
        while got < 30_000:
            got += len(client.recv(65536))

    assert time.monotonic() - started > 0.25


def test_the_delay_told_never_shrinks_when_a_toxic_changes(proxy: Proxied) -> None:
    name = proxy.add("bandwidth", "upstream", rate=0)
    with proxy.connect() as client:
        client.sendall(b"x")
        held = until(
            lambda: (
                seen if (seen := proxy.effects(name)["delayed_seconds"]) > 0.1 else 0
            )
        )

        proxy.update(name, rate=1000)
        client.recv(1)

    assert proxy.effects(name)["delayed_seconds"] >= held


def test_another_upstream_leaves_the_port_as_it_is(
    proxy: Proxied, echoing: Upstream
) -> None:
    with upstream(nothing) as other:
        body = {"upstream": other.address}
        moved = proxy.server.call("PATCH", proxy.path, body).json
        body = {"upstream": echoing.address}
        back = proxy.server.call("PATCH", proxy.path, body).json

    assert (moved["listen"], back["listen"]) == (proxy.listen, proxy.listen)
