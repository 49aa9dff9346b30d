"""What a toxic says it has done is what it did: the proof of a fault rests on it."""

import socket

import pytest

from tests.proxy.running import Proxied, Server, until
from tests.proxy.upstreams import Upstream, exactly, nothing, rest, upstream

IDLE = {
    "connections": 0,
    "chunks": 0,
    "bytes": 0,
    "dropped_bytes": 0,
    "delayed_seconds": 0,
    "closed": 0,
}
EVERY = {
    "latency": {"latency": 10},
    "bandwidth": {"rate": 100},
    "slicer": {"average_size": 2, "delay": 10},
    "timeout": {"timeout": 50},
    "limit_data": {"bytes": 3},
    "reset_peer": {},
    "slow_close": {"delay": 10},
}


@pytest.mark.parametrize("kind", [*EVERY, "noop"])
def test_a_toxic_that_met_no_traffic_has_done_nothing(
    proxy: Proxied, kind: str
) -> None:
    name = proxy.add(kind, "downstream", **EVERY.get(kind, {}))

    assert proxy.effects(name) == IDLE


@pytest.mark.parametrize("kind", EVERY)
def test_every_toxic_tells_on_how_many_connections_it_acted(
    proxy: Proxied, kind: str
) -> None:
    name = proxy.add(kind, "downstream", **EVERY[kind])

    for _ in range(3):
        with proxy.connect() as client:
            try:
                client.sendall(b"hello")
                client.shutdown(socket.SHUT_WR)
                rest(client)
            except OSError:
                assert kind == "reset_peer"

    assert until(lambda: proxy.effects(name)["connections"] == 3)


def test_several_chunks_of_one_connection_are_one_connection(proxy: Proxied) -> None:
    name = proxy.add("latency", latency=1)

    with proxy.connect() as client:
        for _ in range(5):
            client.sendall(b"hello")
            exactly(client, 5)

    done = proxy.effects(name)
    assert (done["connections"], done["chunks"], done["bytes"]) == (1, 5, 25)


def test_latency_tells_the_delay_that_it_added(proxy: Proxied) -> None:
    name = proxy.add("latency", latency=50)

    with proxy.connect() as client:
        for _ in range(4):
            client.sendall(b"x")
            exactly(client, 1)

    assert proxy.effects(name)["delayed_seconds"] == pytest.approx(0.2, abs=0.04)


def test_latency_of_0_has_no_effect(proxy: Proxied) -> None:
    name = proxy.add("latency")

    with proxy.connect() as client:
        client.sendall(b"hello")
        exactly(client, 5)

    assert proxy.effects(name)["connections"] == 0


def test_latency_on_the_other_stream_is_not_counted(proxy: Proxied) -> None:
    name = proxy.add("latency", "upstream", latency=1)

    with proxy.connect() as client:
        client.sendall(b"hello")
        exactly(client, 5)

    assert proxy.effects(name)["bytes"] == 5


def test_a_delay_is_seen_while_it_lasts(proxy: Proxied) -> None:
    """A fault of a minute's latency is proved long before the minute is over."""
    name = proxy.add("latency", latency=3_600_000)

    with proxy.connect() as client:
        client.sendall(b"hello")

        assert until(lambda: proxy.effects(name)["connections"] == 1)
        assert until(lambda: proxy.effects(name)["delayed_seconds"] > 0.05)


def test_bandwidth_tells_the_delay_that_it_added(proxy: Proxied) -> None:
    name = proxy.add("bandwidth", rate=100)

    with proxy.connect() as client:
        client.sendall(bytes(10_000))
        exactly(client, 10_000)

    done = proxy.effects(name)
    assert done["bytes"] == 10_000
    assert done["delayed_seconds"] >= 0.04


def test_a_black_hole_tells_what_it_swallowed(proxy: Proxied) -> None:
    name = proxy.add("timeout", timeout=0)

    with proxy.connect() as one, proxy.connect() as two:
        one.sendall(b"12345")
        two.sendall(b"678")
        until(lambda: proxy.effects(name)["dropped_bytes"] == 8)

        done = proxy.effects(name)
        assert (done["connections"], done["closed"]) == (2, 0)


def test_a_timeout_tells_what_it_closed(proxy: Proxied) -> None:
    name = proxy.add("timeout", timeout=50)

    with proxy.connect() as client:
        assert rest(client) == b""

    assert proxy.effects(name)["closed"] == 1


def test_limit_data_tells_what_it_dropped_and_closed(proxy: Proxied) -> None:
    name = proxy.add("limit_data", bytes=4)

    with proxy.connect() as client:
        client.sendall(b"0123456789")
        assert rest(client) == b"0123"

    done = proxy.effects(name)
    assert (done["dropped_bytes"], done["closed"]) == (6, 1)


def test_limit_data_that_was_not_reached_has_done_nothing(proxy: Proxied) -> None:
    name = proxy.add("limit_data", bytes=1000)

    with proxy.connect() as client:
        client.sendall(b"0123456789")
        exactly(client, 10)

        assert proxy.effects(name)["connections"] == 0


def test_reset_peer_tells_what_it_reset(proxy: Proxied) -> None:
    name = proxy.add("reset_peer")

    with proxy.connect() as client:
        client.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            client.recv(1)

    done = proxy.effects(name)
    assert (done["closed"], done["dropped_bytes"]) == (1, 5)


def test_slow_close_tells_the_ends_that_it_delayed(proxy: Proxied) -> None:
    name = proxy.add("slow_close", delay=100)

    with proxy.connect() as client:
        client.sendall(b"hello")
        assert exactly(client, 5) == b"hello"
        assert proxy.effects(name)["connections"] == 0
        client.shutdown(socket.SHUT_WR)
        assert rest(client) == b""

    assert proxy.effects(name)["delayed_seconds"] == pytest.approx(0.1, abs=0.05)


def test_a_toxic_of_the_same_name_begins_anew(proxy: Proxied) -> None:
    name = proxy.add("latency", latency=1)
    with proxy.connect() as client:
        client.sendall(b"hello")
        exactly(client, 5)
    proxy.remove(name)

    proxy.add("latency", latency=1)

    assert proxy.effects(name) == IDLE


def test_an_update_goes_on_counting(proxy: Proxied) -> None:
    name = proxy.add("latency", latency=1)
    with proxy.connect() as client:
        for _ in range(2):
            client.sendall(b"hello")
            exactly(client, 5)
            proxy.update(name, latency=2)

    assert proxy.effects(name)["bytes"] == 10


@pytest.mark.parametrize("path", ["/proxies/x/toxics/y/effects", "/proxies/x/stats"])
def test_what_is_not_there_has_no_effects(server: Server, path: str) -> None:
    assert server.call("GET", path).status == 404


def test_stats_count_connections_and_bytes_while_they_are_open(
    proxy: Proxied, echoing: Upstream
) -> None:
    del echoing
    with proxy.connect() as client:
        client.sendall(b"hello")
        exactly(client, 5)

        assert proxy.stats() == {
            "accepted": 1,
            "open": 1,
            "received_bytes": {"upstream": 5, "downstream": 5},
            "sent_bytes": {"upstream": 5, "downstream": 5},
        }

    until(lambda: proxy.stats()["open"] == 0)
    assert proxy.stats()["sent_bytes"] == {"upstream": 5, "downstream": 5}


def test_what_is_swallowed_was_received_and_not_sent(server: Server) -> None:
    with upstream(nothing) as made:
        proxy = server.proxy(made.address)
        proxy.add("timeout", "upstream", timeout=0)
        with proxy.connect() as client:
            client.sendall(b"hello")
            until(lambda: proxy.stats()["received_bytes"]["upstream"] == 5)

            assert proxy.stats()["sent_bytes"]["upstream"] == 0


def test_metrics_have_toxiproxys_names_and_move_while_open(proxy: Proxied) -> None:
    with proxy.connect() as client:
        client.sendall(b"hello")
        exactly(client, 5)

        text = proxy.server.call("GET", "/metrics").body.decode()

    upstream_ = proxy.server.call("GET", proxy.path).json["upstream"]
    labels = (
        f'direction="upstream",listener="{proxy.listen}",proxy="p",'
        f'upstream="{upstream_}"'
    )
    for which in ("received", "sent"):
        name = f"toxiproxy_proxy_{which}_bytes_total"
        assert f"{name}{{{labels}}} 5" in text.splitlines()
        assert f"# TYPE {name} counter" in text.splitlines()


def test_a_name_cannot_break_the_metrics(server: Server) -> None:
    server.proxy("127.0.0.1:9", name='a"b\\c\nd')

    text = server.call("GET", "/metrics").body.decode()

    assert 'proxy="a\\"b\\\\c\\nd"' in text
