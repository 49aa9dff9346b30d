"""Each toxic over real sockets: both streams, open connections, changes, removal."""

import contextlib
import os
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.proxy.running import Proxied, Server, settled, until
from tests.proxy.upstreams import (
    close,
    exactly,
    nothing,
    rest,
    says,
    sending,
    told,
    upstream,
)

HANGS = 10.0
"""Seconds after which an answer has not come at all, on however busy a machine."""
STREAMS = ["upstream", "downstream"]
WEEK = 7 * 24 * 3600 * 1000
"""Milliseconds: never, as far as a test is concerned."""


def seconds(work: Callable[[], Any]) -> float:
    """Return how long something takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def round_trip(client: socket.socket, data: bytes = b"hello") -> None:
    """Send something through the echo and see it come back."""
    client.sendall(data)
    assert exactly(client, len(data)) == data


def through(client: socket.socket, data: bytes) -> bytes:
    """Send much through the echo; return what comes back."""
    with sending(client, data):
        return exactly(client, len(data))


def silent(client: socket.socket, wait: float = 0.15) -> bool:
    """Tell whether neither data nor an end comes for a while."""
    client.settimeout(wait)
    try:
        client.recv(1)
    except TimeoutError:
        return True
    finally:
        client.settimeout(10)
    return False


@pytest.mark.parametrize("stream", STREAMS)
def test_latency_delays_open_and_new_connections(proxy: Proxied, stream: str) -> None:
    with proxy.connect() as old, proxy.connect() as new:
        round_trip(old)

        proxy.add("latency", stream, latency=100)

        assert 0.1 <= seconds(lambda: round_trip(old)) < 2
        assert 0.1 <= seconds(lambda: round_trip(new)) < 2


def test_two_latencies_add_up(proxy: Proxied) -> None:
    proxy.add("latency", "upstream", latency=60)
    proxy.add("latency", "downstream", latency=60)
    proxy.add("latency", more={"name": "another"}, latency=60)

    with proxy.connect() as client:
        assert 0.18 <= seconds(lambda: round_trip(client)) < 2


def test_latency_is_no_bandwidth_limit(proxy: Proxied) -> None:
    """Chunks travel at the same time: a long link holds many of them."""
    proxy.add("latency", latency=100)
    data = os.urandom(4_000_000)

    with proxy.connect() as client:
        took = seconds(lambda: through(client, data))

    assert 0.1 <= took < 3


def test_jitter_keeps_the_order_and_every_byte(proxy: Proxied) -> None:
    proxy.add("latency", latency=10, jitter=10)
    data = os.urandom(2_000_000)

    with proxy.connect() as client:
        back = through(client, data)

    assert told(back) == told(data)


def test_changing_latency_under_load_loses_and_swaps_nothing(proxy: Proxied) -> None:
    toxic = proxy.add("latency", latency=30)
    data = os.urandom(6_000_000)

    with proxy.connect() as client, sending(client, data):
        back = bytearray()
        for latency in [0, 50, 5, 80, 1]:
            back += exactly(client, 500_000)
            proxy.update(toxic, latency=latency)
        back += exactly(client, 500_000)
        proxy.remove(toxic)
        back += exactly(client, len(data) - len(back))

    assert told(bytes(back)) == told(data)


def test_a_shorter_latency_holds_for_what_already_waits(proxy: Proxied) -> None:
    toxic = proxy.add("latency", latency=WEEK)
    with proxy.connect() as client:
        client.sendall(b"hello")
        until(lambda: proxy.stats()["received_bytes"]["downstream"] == 5)

        proxy.update(toxic, latency=50)

        assert seconds(lambda: exactly(client, 5)) < 2


def test_a_longer_latency_does_not_let_go_of_what_waits(proxy: Proxied) -> None:
    toxic = proxy.add("latency", latency=WEEK)
    with proxy.connect() as client:
        client.sendall(b"hello")
        until(lambda: proxy.stats()["received_bytes"]["downstream"] == 5)

        proxy.update(toxic, latency=2 * WEEK)

        assert silent(client)


def test_removing_latency_lets_go_of_what_waits_in_order(proxy: Proxied) -> None:
    toxic = proxy.add("latency", latency=WEEK)
    with proxy.connect() as client:
        client.sendall(b"first, ")
        until(lambda: proxy.stats()["received_bytes"]["downstream"] == 7)

        proxy.remove(toxic)
        client.sendall(b"second")

        assert exactly(client, 13) == b"first, second"


def test_what_several_toxics_let_go_of_at_once_is_in_order(proxy: Proxied) -> None:
    first = proxy.add("latency", more={"name": "first"}, latency=0)
    proxy.add("latency", more={"name": "second"}, latency=WEEK)
    with proxy.connect() as client:
        client.sendall(b"older, ")
        until(lambda: proxy.effects("second")["bytes"] == 7)
        proxy.update(first, latency=WEEK)
        client.sendall(b"newer")
        until(lambda: proxy.effects("first")["bytes"] == 5)

        proxy.server.call("POST", "/reset")

        assert exactly(client, 12) == b"older, newer"


def test_removing_another_toxic_lets_go_of_nothing(proxy: Proxied) -> None:
    proxy.add("latency", latency=WEEK)
    other = proxy.add("noop")
    with proxy.connect() as client:
        client.sendall(b"hello")
        until(lambda: proxy.stats()["received_bytes"]["downstream"] == 5)

        proxy.remove(other)

        assert silent(client)


def test_what_one_toxic_lets_go_of_waits_in_the_next(proxy: Proxied) -> None:
    first = proxy.add("latency", more={"name": "first"}, latency=WEEK)
    second = proxy.add("latency", more={"name": "second"}, latency=WEEK)
    with proxy.connect() as client:
        client.sendall(b"hello")
        until(lambda: proxy.stats()["received_bytes"]["downstream"] == 5)

        proxy.remove(first)
        assert silent(client)
        proxy.remove(second)

        assert exactly(client, 5) == b"hello"


def test_negative_and_huge_numbers_do_no_harm(proxy: Proxied) -> None:
    kinds = {
        "latency": {"latency": -5, "jitter": -1},
        "bandwidth": {"rate": 2**62},
        "slicer": {"average_size": -1, "size_variation": 2**62, "delay": -9},
        "slow_close": {"delay": -(2**62)},
    }
    for kind, of in kinds.items():
        proxy.add(kind, "downstream", **of)

    with proxy.connect() as client:
        round_trip(client)
        client.shutdown(socket.SHUT_WR)
        assert rest(client) == b""


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("latency", {"latency": 2**62, "jitter": 2**62}),
        ("slicer", {"average_size": 2**62, "delay": 2**62}),
        ("timeout", {"timeout": 2**62}),
        ("limit_data", {"bytes": 2**62}),
        ("reset_peer", {"timeout": 2**62}),
        ("bandwidth", {"rate": -(2**62)}),
    ],
)
def test_the_largest_numbers_leave_the_server_well(
    proxy: Proxied, kind: str, of: dict[str, int]
) -> None:
    name = proxy.add(kind, "downstream", **of)
    with proxy.connect() as client:
        client.sendall(b"hello")
        until(lambda: proxy.stats()["received_bytes"]["downstream"] == 5)

        proxy.remove(name)

    with proxy.connect() as client:
        round_trip(client)


@pytest.mark.parametrize("stream", STREAMS)
def test_bandwidth_paces_to_its_rate(proxy: Proxied, stream: str) -> None:
    proxy.add("bandwidth", stream, rate=100)
    data = bytes(50_000)

    with proxy.connect() as client:
        took = seconds(lambda: through(client, data))

    assert 0.495 <= took < 2.5


def test_bandwidth_slows_the_sender_down_too(server: Server) -> None:
    """A thin link fills up: the sender notices, as it would."""
    with upstream(says(bytes(8_000_000))) as made:
        proxy = server.proxy(made.address)
        proxy.add("bandwidth", rate=1)
        with proxy.connect():
            until(lambda: proxy.stats()["received_bytes"]["downstream"] > 0)

            assert proxy.stats()["received_bytes"]["downstream"] < 1_000_000


def test_bandwidth_of_0_lets_nothing_through_until_it_grows(proxy: Proxied) -> None:
    toxic = proxy.add("bandwidth", rate=0)
    with proxy.connect() as client:
        client.sendall(b"hello")
        assert silent(client)

        proxy.update(toxic, rate=100)

        assert exactly(client, 5) == b"hello"


def test_a_wider_bandwidth_holds_for_what_already_waits(proxy: Proxied) -> None:
    toxic = proxy.add("bandwidth", rate=1)
    with proxy.connect() as client:
        client.sendall(bytes(30_000))
        until(lambda: proxy.stats()["received_bytes"]["downstream"] >= 30_000)

        proxy.update(toxic, rate=10_000)

        assert seconds(lambda: exactly(client, 30_000)) < 2


def test_after_a_slow_reader_bandwidth_does_not_burst(server: Server) -> None:
    """What a reader missed is not made good: the link was there all the time."""
    size, rate = 30_000_000, 20_000_000
    with upstream(says(bytes(size))) as made:
        proxy = server.proxy(made.address)
        proxy.add("bandwidth", rate=rate // 1000)
        with proxy.connect() as client:
            passed = settled(lambda: proxy.stats()["sent_bytes"]["downstream"])
            time.sleep(0.5)

            took = seconds(lambda: exactly(client, size))

    assert took > (size - passed) / rate - 0.15


@pytest.mark.parametrize("stream", STREAMS)
def test_a_timeout_of_0_is_a_black_hole_for_open_connections_too(
    proxy: Proxied, stream: str
) -> None:
    with proxy.connect() as old:
        round_trip(old)

        proxy.add("timeout", stream, timeout=0)
        old.sendall(b"lost")

        assert silent(old)
        with proxy.connect() as new:
            new.sendall(b"lost as well")
            assert silent(new)


@pytest.mark.parametrize("stream", STREAMS)
def test_removing_a_black_hole_closes_what_was_in_it(
    proxy: Proxied, stream: str
) -> None:
    with proxy.connect() as old:
        round_trip(old)
        name = proxy.add("timeout", stream, timeout=0)
        old.sendall(b"lost")
        until(lambda: proxy.effects(name)["dropped_bytes"] == 4)

        proxy.remove(name)

        assert rest(old) == b""
    with proxy.connect() as new:
        round_trip(new)


def test_a_black_hole_hears_the_end_of_a_stream(proxy: Proxied) -> None:
    """As in Toxiproxy: else every client that gave up would leave a connection."""
    proxy.add("timeout", timeout=0)
    with proxy.connect() as client:
        client.sendall(b"lost")

    assert until(lambda: proxy.stats()["open"] == 0)


def test_a_timeout_closes_after_silence(proxy: Proxied) -> None:
    proxy.add("timeout", timeout=150)

    with proxy.connect() as client:
        took = seconds(lambda: rest(client))

    assert 0.14 <= took < 2


def test_an_update_sets_the_clock_of_a_timeout_anew(proxy: Proxied) -> None:
    name = proxy.add("timeout", timeout=WEEK)
    with proxy.connect() as client:
        assert silent(client)

        proxy.update(name, timeout=100)

        assert 0.05 <= seconds(lambda: rest(client)) < 2


@pytest.mark.parametrize("stream", STREAMS)
def test_reset_peer_resets_both_sides(server: Server, stream: str) -> None:
    with upstream(nothing) as made:
        proxy = server.proxy(made.address)
        with proxy.connect() as client:
            other = until(lambda: made.clients)[0]
            proxy.add("reset_peer", stream, timeout=50)
            speaks = client if stream == "upstream" else other

            speaks.sendall(b"hello?")

            for one in (client, other):
                with pytest.raises(ConnectionResetError):
                    one.recv(1)


def test_reset_peer_waits_for_its_time(proxy: Proxied) -> None:
    proxy.add("reset_peer", "upstream", timeout=200)
    with proxy.connect() as client:
        client.sendall(b"hello?")

        began = time.monotonic()
        with pytest.raises(ConnectionResetError):
            client.recv(1)

        assert 0.19 <= time.monotonic() - began < 2


def test_reset_peer_leaves_a_silent_connection_alone(proxy: Proxied) -> None:
    name = proxy.add("reset_peer", timeout=0)
    with proxy.connect() as client:
        assert silent(client)

        proxy.remove(name)

        round_trip(client)


def test_removing_reset_peer_in_time_closes_what_lost_data(proxy: Proxied) -> None:
    name = proxy.add("reset_peer", timeout=WEEK)
    with proxy.connect() as client:
        client.sendall(b"lost")
        until(lambda: proxy.effects(name)["dropped_bytes"] == 4)

        proxy.remove(name)

        with contextlib.suppress(ConnectionResetError):
            assert rest(client) == b""


@pytest.mark.parametrize("of", [{}, {"average_size": 100}, {"average_size": 7}])
def test_the_slicer_loses_nothing(proxy: Proxied, of: dict[str, int]) -> None:
    name = proxy.add("slicer", "downstream", **of)
    data = os.urandom(20_000)

    with proxy.connect() as client:
        round_trip(client, data)

    assert proxy.effects(name)["bytes"] == (len(data) if of else 0)


def test_the_slicer_pauses_between_slices(proxy: Proxied) -> None:
    proxy.add("slicer", average_size=10, delay=10_000)

    with proxy.connect() as client:
        assert 0.09 <= seconds(lambda: round_trip(client, bytes(100))) < 2


def test_removing_the_slicer_lets_go_of_the_rest_in_order(proxy: Proxied) -> None:
    data = os.urandom(1000)
    name = proxy.add("slicer", average_size=10, delay=WEEK)
    with proxy.connect() as client:
        client.sendall(data)
        first = exactly(client, 10)

        proxy.remove(name)

        assert first + exactly(client, 990) == data


@pytest.mark.parametrize(("limit", "through"), [(10, 10), (26, 26), (0, 0)])
def test_limit_data_lets_so_much_through_and_closes(
    proxy: Proxied, limit: int, through: int
) -> None:
    proxy.add("limit_data", bytes=limit)

    with proxy.connect() as client:
        client.sendall(b"abcdefghijklmnopqrstuvwxyz")

        assert rest(client) == b"abcdefghijklmnopqrstuvwxyz"[:through]


def test_limit_data_counts_over_several_chunks(proxy: Proxied) -> None:
    proxy.add("limit_data", bytes=12)

    with proxy.connect() as client:
        round_trip(client, b"12345")
        round_trip(client, b"67890")
        client.sendall(b"abcde")
        assert rest(client) == b"ab"


def test_limit_data_upstream_lets_the_upstream_have_its_share(server: Server) -> None:
    heard: list[bytes] = []
    with upstream(lambda one: heard.append(rest(one))) as made:
        proxy = server.proxy(made.address)
        proxy.add("limit_data", "upstream", bytes=3)
        with proxy.connect() as client:
            client.sendall(b"abcdef")

            assert until(lambda: heard) == [b"abc"]
            assert rest(client) == b""


def test_lowering_a_limit_counts_what_has_passed(proxy: Proxied) -> None:
    name = proxy.add("limit_data", bytes=1000)
    with proxy.connect() as client:
        round_trip(client, b"12345")

        proxy.update(name, bytes=3)
        client.sendall(b"more")

        assert rest(client) == b""


@pytest.mark.parametrize("stream", STREAMS)
def test_slow_close_delays_the_end_alone(proxy: Proxied, stream: str) -> None:
    proxy.add("slow_close", stream, delay=150)

    with proxy.connect() as client:
        round_trip(client)
        began = time.monotonic()
        client.shutdown(socket.SHUT_WR)
        rest(client)

    assert 0.15 <= time.monotonic() - began < 2


def test_removing_slow_close_lets_the_end_go(proxy: Proxied) -> None:
    name = proxy.add("slow_close", delay=WEEK)
    with proxy.connect() as client:
        round_trip(client)
        client.shutdown(socket.SHUT_WR)
        assert silent(client)

        proxy.remove(name)

        assert rest(client) == b""


def test_a_reset_waits_for_the_data_before_it(server: Server) -> None:
    """Bytes and then a reset, through a link that is far away: both arrive."""
    with upstream(nothing) as made:
        proxy = server.proxy(made.address)
        proxy.add("latency", latency=150)
        with proxy.connect() as client:
            other = until(lambda: made.clients)[0]
            other.sendall(b"last words")
            until(lambda: proxy.stats()["received_bytes"]["downstream"] == 10)

            close(other, reset=True)

            assert exactly(client, 10) == b"last words"
            with pytest.raises(ConnectionResetError):
                client.recv(1)


def test_noop_changes_nothing(proxy: Proxied) -> None:
    name = proxy.add("noop")

    with proxy.connect() as client:
        round_trip(client, os.urandom(100_000))
        proxy.remove(name)
        round_trip(client)


def test_toxics_work_in_the_order_in_which_they_came(proxy: Proxied) -> None:
    proxy.add("slicer", average_size=5)
    proxy.add("limit_data", bytes=13)

    with proxy.connect() as client:
        client.sendall(bytes(100))
        assert len(rest(client)) == 13


def test_an_upper_case_stream_is_the_same_stream(proxy: Proxied) -> None:
    proxy.add("latency", "UPSTREAM", latency=100)

    with proxy.connect() as client:
        assert seconds(lambda: round_trip(client)) >= 0.1


@pytest.mark.parametrize("times", range(3))
def test_a_change_holds_from_the_next_byte_on(proxy: Proxied, times: int) -> None:
    del times
    with proxy.connect() as client:
        for _ in range(10):
            name = proxy.add("latency", latency=20)
            assert seconds(lambda: round_trip(client)) >= 0.02
            proxy.remove(name)
            round_trip(client)


def test_reset_removes_every_toxic_and_enables_every_proxy(proxy: Proxied) -> None:
    proxy.add("latency", latency=WEEK)
    with proxy.connect() as client:
        client.sendall(b"hello")
        until(lambda: proxy.stats()["received_bytes"]["downstream"] == 5)

        assert proxy.server.call("POST", "/reset").status == 204

        assert exactly(client, 5) == b"hello"
    proxy.server.call("POST", proxy.path, {"enabled": False})
    proxy.server.call("POST", "/reset")
    assert proxy.server.call("GET", proxy.path).json["enabled"] is True


def test_the_api_answers_while_peers_are_stuck(server: Server) -> None:
    """Toxiproxy's API hangs when a toxic is removed under a client that is stuck."""

    def floods(client: socket.socket) -> None:
        while True:
            client.sendall(bytes(65536))

    with upstream(floods) as made:
        proxy = server.proxy(made.address)
        clients = [proxy.connect() for _ in range(50)]
        for kind in ("latency", "slicer", "bandwidth", "limit_data", "slow_close"):
            name = proxy.add(kind)
            assert seconds(lambda name=name: proxy.remove(name)) < HANGS  # type: ignore[misc]
        assert seconds(lambda: server.call("DELETE", proxy.path)) < HANGS
        for client in clients:
            client.close()
