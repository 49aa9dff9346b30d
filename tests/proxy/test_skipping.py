"""The first connections, bytes or seconds are let through: then the toxic begins."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_mcp.proxy.toxics.toxic import Skips, Toxic
from tests.proxy.running import Proxied, Server
from tests.proxy.stages import begun, data, gives, toxic
from tests.proxy.test_toxics import round_trip, silent
from tests.proxy.upstreams import exactly, rest

LONG = st.lists(st.integers(1, 300), max_size=12)


def met(proxy: Proxied, name: str, times: int) -> list[bool]:
    """Say which of so many connections a toxic that closes did close."""
    seen = []
    for _ in range(times):
        before = proxy.effects(name)["closed"]
        with proxy.connect() as client:
            client.sendall(b"x")
            client.recv(1)
        seen.append(proxy.effects(name)["closed"] > before)
    return seen


def test_the_first_connections_are_let_through(proxy: Proxied) -> None:
    name = proxy.add("limit_data", more={"skip_connections": 3}, bytes=0)

    assert met(proxy, name, 6) == [False, False, False, True, True, True]


def test_open_connections_are_the_first_in_their_order(proxy: Proxied) -> None:
    first, second = proxy.connect(), proxy.connect()
    for client in (second, first):  # not in the order in which they speak
        round_trip(client)

    proxy.add("limit_data", more={"skip_connections": 1}, bytes=0)

    round_trip(first)
    second.sendall(b"x")
    assert rest(second) == b""
    for client in (first, second):
        client.close()


@given(
    st.integers(0, 20),
    st.sets(st.integers(1, 30)),
    st.integers(0, 20),
)
def test_so_many_are_let_through_and_they_are_the_first(
    skips: int, open_: set[int], later: int
) -> None:
    accepted = max(open_, default=0) + 2
    one = Toxic("x", "noop", "upstream", 1.0, {}, skips=Skips(skips))
    one.added(accepted, list(open_))
    numbers = [*sorted(open_), *range(accepted + 1, accepted + 1 + later)]

    spared = [number for number in numbers if one.spares(number)]

    assert spared == numbers[:skips]


def test_the_first_bytes_are_let_through(proxy: Proxied) -> None:
    name = proxy.add("timeout", more={"skip_bytes": 7}, timeout=0)
    with proxy.connect() as client:
        round_trip(client, b"hello")

        client.sendall(b"12345")

        assert exactly(client, 2) == b"12"
        assert silent(client)
    assert proxy.effects(name)["dropped_bytes"] == 3


def test_the_first_time_is_let_through(proxy: Proxied) -> None:
    name = proxy.add("timeout", more={"skip_seconds": 2}, timeout=0)
    with proxy.connect() as client:
        round_trip(client)
        assert proxy.effects(name)["dropped_bytes"] == 0
        assert silent(client, 2.1)

        client.sendall(b"lost")

        assert silent(client)


@given(st.integers(0, 900), LONG)
def test_bytes_are_counted_exactly_whatever_the_chunks_are(
    skips: int, sizes: list[int]
) -> None:
    one = begun(toxic("limit_data", bytes=0), skips=Skips(0, skips))
    for size in sizes:
        one.take(0.0, data(size))

    passed = sum(len(chunk) for _, chunk in gives(one) if not isinstance(chunk, str))

    assert passed == min(skips, sum(sizes))


@given(st.floats(0, 10), LONG)
def test_a_delay_begins_when_its_time_has_come(skips: float, sizes: list[int]) -> None:
    one = begun(toxic("latency", latency=1000), skips=Skips(0, 0, skips))
    times = list(itertools.accumulate(size / 100 for size in sizes))
    for at, size in zip(times, sizes, strict=True):
        one.take(at, data(size))

    came = [due for due, _ in gives(one)]

    assert came == [at if at < skips else pytest.approx(at + 1) for at in times]


def test_a_clock_begins_when_its_time_has_come() -> None:
    one = begun(toxic("timeout", timeout=500), skips=Skips(0, 0, 2.0))

    [(at, what)] = gives(one)
    assert at == pytest.approx(2.5)
    assert what == "close"


def test_a_clock_begins_when_its_bytes_have_passed() -> None:
    one = begun(toxic("timeout", timeout=500), skips=Skips(0, 5))
    one.take(1.0, data(3))
    one.take(4.0, data(2))

    times = [at for at, _ in gives(one)]

    assert times == [1.0, 4.0, pytest.approx(4.5)]


def test_an_end_that_came_before_is_the_end() -> None:
    one = begun(toxic("timeout", timeout=500), skips=Skips(0, 0, 2.0))
    one.take(1.0, "end")

    assert list(gives(one)) == [(1.0, "end")]


@pytest.mark.parametrize("key", ["skip_connections", "skip_bytes", "skip_seconds"])
def test_it_is_shown_where_it_is_given_and_nowhere_else(
    proxy: Proxied, key: str
) -> None:
    proxy.add("latency", more={key: 2}, latency=1)
    proxy.add("latency", "upstream", latency=1)

    plain, skipping = proxy.toxics()

    assert skipping[key] == 2
    assert set(skipping) - set(plain) == {key}


def test_bytes_are_not_let_through_where_requests_are_looked_at(
    server: Server,
) -> None:
    proxy = server.proxy("127.0.0.1:9")
    proxy.add("http", more={"skip_connections": 1, "skip_seconds": 1})
    before = proxy.toxics()

    path, body = f"{proxy.path}/toxics", {"type": "http", "skip_bytes": 1}
    new = server.call("POST", path, {**body, "name": "another"})
    changed = server.call("PATCH", f"{path}/http_downstream", body)

    assert (new.status, changed.status) == (400, 400)
    assert "skip_bytes is not for http" in new.json["error"]
    assert proxy.toxics() == before


@pytest.mark.parametrize("key", ["skip_connections", "skip_bytes", "skip_seconds"])
def test_less_than_nothing_is_refused(server: Server, key: str) -> None:
    proxy = server.proxy("127.0.0.1:9")
    proxy.add("latency", latency=1)
    before = proxy.toxics()

    new = server.call("POST", f"{proxy.path}/toxics", {"type": "noop", key: -1})
    changed = {"attributes": {"latency": 9}, key: -1}
    old = server.call("PATCH", f"{proxy.path}/toxics/latency_downstream", changed)

    assert (new.status, old.status) == (400, 400)
    assert f"{key} must be 0 or more" in new.json["error"]
    assert proxy.toxics() == before
