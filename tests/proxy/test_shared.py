"""A rate that all connections of a proxy share."""

import time

import pytest

from chaos_mcp.proxy.toxics.place import Place
from tests.proxy.running import Proxied
from tests.proxy.stages import begun, data, toxic
from tests.proxy.upstreams import exactly

RATE = 100
SIZE = 20_000


def sent(of: int, *, shared: bool = True) -> list[list[tuple[float, int]]]:
    """Return when how many bytes went out on each of so many busy connections."""
    one = toxic("bandwidth", rate=RATE, shared=shared)
    stages = [begun(one, Place(number=number)) for number in range(of)]
    for stage in stages:
        stage.take(0.0, data(SIZE))
    came: list[list[tuple[float, int]]] = [[] for _ in stages]
    while any(stage.due() < 1e9 for stage in stages):
        due, number = min((stage.due(), number) for number, stage in enumerate(stages))
        came[number].append((due, len(stages[number].give())))
    return came


@pytest.mark.parametrize("of", [1, 2, 10])
def test_together_they_have_the_rate_to_the_byte(of: int) -> None:
    came = sorted(pair for one in sent(of) for pair in one)

    so_far = 0
    for due, size in came:
        so_far += size
        assert due == pytest.approx(so_far / (RATE * 1000))
    assert so_far == of * SIZE


def test_who_has_something_to_send_has_its_turn() -> None:
    came = sent(5)

    for one in came:
        so_far = sum(size for due, size in one if due <= 0.5)
        assert so_far == pytest.approx(0.5 * RATE * 1000 / 5, abs=600)


def test_turns_at_an_old_rate_are_not_waited_for() -> None:
    """Two hundred turns of 5 ms each were a second."""
    one = toxic("bandwidth", rate=1, shared=True)
    stages = [begun(one, Place(number=number)) for number in range(200)]
    for stage in stages:
        stage.take(0.0, data(5))
    assert max(stage.due() for stage in stages) == pytest.approx(1.0)

    one.attributes = {"rate": RATE, "shared": True}
    for stage in stages:
        stage.begin(0.0)

    dues = [stage.due() for stage in stages]
    assert max(dues) == pytest.approx(200 * 5 / (RATE * 1000))


def test_over_sockets_two_take_as_long_as_their_bytes_do(proxy: Proxied) -> None:
    proxy.add("bandwidth", more={"attributes": {"rate": RATE, "shared": True}})
    with proxy.connect() as one, proxy.connect() as two:
        began = time.monotonic()
        one.sendall(bytes(SIZE))
        two.sendall(bytes(SIZE))
        exactly(one, SIZE)
        exactly(two, SIZE)
        took = time.monotonic() - began

    assert 2 * SIZE / (RATE * 1000) - 0.01 <= took < 3


def test_each_has_its_own_where_it_is_not_shared() -> None:
    for came in sent(5, shared=False):
        assert came[-1][0] == pytest.approx(SIZE / (RATE * 1000))


def test_a_wider_shared_line_holds_at_once(proxy: Proxied) -> None:
    name = proxy.add("bandwidth", more={"attributes": {"rate": 1, "shared": True}})
    clients = [proxy.connect() for _ in range(5)]
    for client in clients:
        client.sendall(bytes(5_000))

    began = time.monotonic()
    proxy.update(name, rate=1000)
    for client in clients:
        exactly(client, 5_000)
        client.close()

    assert time.monotonic() - began < 2


def test_a_shared_line_can_become_everybodys_own(proxy: Proxied) -> None:
    name = proxy.add("bandwidth", more={"attributes": {"rate": 1, "shared": True}})
    with proxy.connect() as client:
        client.sendall(bytes(300))
        path = f"{proxy.path}/toxics/{name}"

        proxy.server.call("PATCH", path, {"attributes": {"rate": 9, "shared": False}})

        assert exactly(client, 300) == bytes(300)
    assert proxy.toxics()[0]["attributes"] == {"rate": 9, "shared": False}
