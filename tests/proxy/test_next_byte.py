"""A change of toxics that was answered holds for the next byte, under load too."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.proxy.running import Proxied, Server, running, until
from tests.proxy.upstreams import Upstream

HOUR = 3_600_000
CLIENTS, TIMES = 100, 4


@contextmanager
def load(proxy: Proxied, connections: int = 3) -> Iterator[None]:
    """Keep a proxy busy with bulk traffic, both ways."""
    with ExitStack() as scope:
        for _ in range(connections):
            client = scope.enter_context(proxy.connect())
            for work in (_send, _receive):
                thread = threading.Thread(target=work, args=(client,))
                thread.start()
                scope.callback(thread.join)
            scope.callback(client.shutdown, socket.SHUT_RDWR)
        yield


def _send(client: socket.socket) -> None:
    with suppress(OSError):
        while True:
            client.sendall(bytes(2**18))


def _receive(client: socket.socket) -> None:
    with suppress(OSError):
        while client.recv(2**18):
            pass


def say(clients: list[socket.socket]) -> None:
    for one in clients:
        one.sendall(b"x")


def hear(clients: list[socket.socket]) -> None:
    for one in clients:
        assert one.recv(2) == b"x"


@pytest.mark.parametrize("workers", ["1", "3"])
def test_under_load_an_answered_change_holds_for_the_next_byte_of_everybody(
    workers: str, echoing: Upstream
) -> None:
    with running("--workers", workers) as server:
        change_under_load(server, echoing)


def change_under_load(server: Server, echoing: Upstream) -> None:
    proxy, other = server.proxy(echoing.address), server.proxy(echoing.address, "other")
    with load(other), ExitStack() as scope:
        clients = [scope.enter_context(proxy.connect()) for _ in range(CLIENTS)]
        say(clients)
        hear(clients)
        for _ in range(TIMES):
            toxic = proxy.add("latency", "upstream", latency=HOUR)
            say(clients)
            until_it_met(proxy, toxic)
            assert heard(clients) == []

            proxy.update(toxic, latency=0)
            hear(clients)
            say(clients)
            hear(clients)

            proxy.update(toxic, latency=HOUR)
            say(clients)
            proxy.remove(toxic)
            say(clients)
            for _ in range(2):
                hear_one_by_one(clients)


def until_it_met(proxy: Proxied, toxic: str) -> None:
    until(lambda: proxy.effects(toxic)["chunks"] == CLIENTS)


def heard(clients: list[socket.socket]) -> list[tuple[int, int]]:
    """Return who has something to read: by poll, as there may be many descriptors."""
    waiting = select.poll()
    for one in clients:
        waiting.register(one, select.POLLIN)
    return waiting.poll(0)


def hear_one_by_one(clients: list[socket.socket]) -> None:
    for one in clients:
        assert one.recv(1) == b"x"
