"""Which connections a toxic meets is drawn from the seed, once a connection."""

import socket

import pytest

from tests.proxy.running import Proxied, Server, running, until
from tests.proxy.upstreams import Upstream

CONNECTIONS = 40


def met(proxy: Proxied, toxic: str, count: int = CONNECTIONS) -> list[bool]:
    """Return which of the next connections a toxic meets, one after the other."""
    before = int(proxy.effects(toxic)["connections"])
    seen = []
    for number in range(count):
        with proxy.connect() as client:
            client.sendall(b"x")
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b"x"
        after = int(proxy.effects(toxic)["connections"])
        assert after - before <= 1, number
        seen.append(after > before)
        before = after
    return seen


def half(proxy: Proxied, share: float = 0.5, name: str = "half") -> str:
    return proxy.add("latency", more={"toxicity": share, "name": name}, latency=1)


def test_the_share_is_about_right(proxy: Proxied) -> None:
    seen = met(proxy, half(proxy, 0.5), 100)

    assert 25 <= sum(seen) <= 75


@pytest.mark.parametrize(("share", "times"), [(0, 0), (-1, 0), (1, 10), (2, 10)])
def test_none_and_all_are_exact(proxy: Proxied, share: float, times: int) -> None:
    assert sum(met(proxy, half(proxy, share), 10)) == times


def test_the_same_seed_draws_the_same(echoing: Upstream) -> None:
    draws = []
    for seed in ("1", "1", "2"):
        with running("--seed", seed) as server:
            proxy = server.proxy(echoing.address)
            draws.append(met(proxy, half(proxy)))

    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


def test_other_names_draw_otherwise(server: Server, echoing: Upstream) -> None:
    one = server.proxy(echoing.address, "one")
    two = server.proxy(echoing.address, "two")

    draws = [
        met(one, half(one)),
        met(two, half(two)),
    ]

    assert draws[0] != draws[1]


def test_another_toxic_on_the_same_connections_draws_otherwise(
    proxy: Proxied,
) -> None:
    clients = [proxy.connect() for _ in range(CONNECTIONS)]
    draws: list[list[int]] = []
    for name in ("one", "two"):
        toxic = half(proxy, name=name)
        counts = [0]
        for client in clients:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
            counts.append(proxy.effects(toxic)["connections"])
        proxy.remove(toxic)
        draws.append(counts)

    assert draws[0] != draws[1]
    for client in clients:
        client.close()


def test_a_roll_stands_whatever_else_changes(proxy: Proxied) -> None:
    toxic = half(proxy)
    clients = [proxy.connect() for _ in range(20)]
    for client in clients:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    before = proxy.effects(toxic)["connections"]

    for _ in range(5):
        other = proxy.add("noop")
        proxy.update(toxic, latency=2)
        proxy.remove(other)
        for client in clients:
            client.sendall(b"x")
            assert client.recv(1) == b"x"

    assert proxy.effects(toxic)["connections"] == before
    for client in clients:
        client.close()


def test_raising_the_toxicity_meets_open_connections(proxy: Proxied) -> None:
    toxic = half(proxy, 0)
    with proxy.connect() as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"

        path = f"{proxy.path}/toxics/{toxic}"
        proxy.server.call("PATCH", path, {"toxicity": 1})
        client.sendall(b"x")
        assert client.recv(1) == b"x"

        assert until(lambda: proxy.effects(toxic)["connections"] == 1)
