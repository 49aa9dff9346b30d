"""Each toxic does what it says, on open and new connections, and leaves no trace."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.echo import Client
    from tests.embedded.conftest import Api

    Connect = Callable[[], Client]

TOXICS = "/proxies/p/toxics"


def add(api: Api, kind: str, stream: str = "downstream", **attributes: int) -> None:
    body = {"type": kind, "stream": stream, "attributes": attributes}
    status, said = api("POST", TOXICS, body)
    assert status == 200, said


def effects(api: Api, name: str) -> dict[str, Any]:
    status, found = api("GET", f"{TOXICS}/{name}/effects")
    assert status == 200, found
    assert isinstance(found, dict)
    return found


def timed(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_latency_delays_both_old_and_new_connections(
    api: Api, connect: Connect, stream: str
) -> None:
    old = connect()
    old.echo()

    add(api, "latency", stream, latency=150)

    assert timed(old.echo) >= 0.15
    assert timed(connect().echo) >= 0.15
    assert effects(api, f"latency_{stream}")["connections"] == 2


def test_latency_keeps_the_order_of_bytes(api: Api, connect: Connect) -> None:
    add(api, "latency", latency=20, jitter=20)
    data = bytes(range(256)) * 400

    assert connect().echo(data) == data


def test_removing_latency_lets_go_what_waits_in_order(
    api: Api, connect: Connect
) -> None:
    one = connect()
    one.echo()
    add(api, "latency", latency=60_000)
    one.send(b"first ")
    time.sleep(0.1)

    api("DELETE", f"{TOXICS}/latency_downstream")
    one.send(b"second")

    assert one.receive(12) == b"first second"


def test_a_toxic_holds_from_the_next_byte_on(api: Api, connect: Connect) -> None:
    one = connect()
    for _ in range(20):
        add(api, "latency", latency=30)
        assert timed(one.echo) >= 0.03
        api("DELETE", f"{TOXICS}/latency_downstream")
        assert one.echo() == b"hello"


def test_bandwidth_paces_to_its_rate(api: Api, connect: Connect) -> None:
    one = connect()
    add(api, "bandwidth", rate=100)

    took = timed(lambda: one.echo(b"x" * 50_000))

    assert 0.48 <= took < 2
    assert effects(api, "bandwidth_downstream")["delayed_seconds"] > 0.4


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_a_timeout_of_0_swallows_everything_and_closes_nothing(
    api: Api, connect: Connect, stream: str
) -> None:
    old = connect()
    old.echo()

    add(api, "timeout", stream, timeout=0)
    old.send(b"lost!")

    assert old.silent(0.3)
    assert effects(api, f"timeout_{stream}")["dropped_bytes"] == 5


def test_healing_a_black_hole_closes_what_lost_data(api: Api, connect: Connect) -> None:
    old = connect()
    old.echo()
    add(api, "timeout", timeout=0)
    old.send(b"lost!")
    time.sleep(0.1)

    api("DELETE", f"{TOXICS}/timeout_downstream")

    assert old.receive(1) == b""
    assert connect().echo() == b"hello"


def test_a_timeout_closes_after_its_silence(api: Api, connect: Connect) -> None:
    one = connect()
    one.echo()
    add(api, "timeout", timeout=200)

    took = timed(lambda: one.receive(1))

    assert 0.15 <= took < 2


def test_reset_peer_resets(api: Api, connect: Connect) -> None:
    one = connect()
    one.echo()
    add(api, "reset_peer", timeout=0)

    with pytest.raises(ConnectionResetError):
        one.echo()


def test_slow_close_delays_the_end_and_nothing_else(api: Api, connect: Connect) -> None:
    one = connect()
    add(api, "slow_close", delay=300)

    quick = timed(one.echo)
    one.socket.shutdown(socket.SHUT_WR)
    slow = timed(lambda: one.receive(1))

    assert quick < 0.25
    assert slow >= 0.28


def test_the_slicer_cuts_without_losing_anything(api: Api, connect: Connect) -> None:
    add(api, "slicer", average_size=64, size_variation=32, delay=10)
    data = bytes(range(256)) * 20

    assert connect().echo(data) == data
    assert effects(api, "slicer_downstream")["bytes"] == len(data)


def test_limit_data_lets_so_much_through_and_closes(api: Api, connect: Connect) -> None:
    add(api, "limit_data", bytes=10)
    one = connect()

    assert one.echo(b"0123456789abcdef") == b"0123456789"


def test_half_a_close_reaches_the_other_side(connect: Connect) -> None:
    one = connect()
    one.send(b"last words")
    one.socket.shutdown(socket.SHUT_WR)

    assert one.receive(10) == b"last words"
    assert one.receive(1) == b""


def test_a_slow_reader_does_not_make_memory_grow_without_bound(
    api: Api, connect: Connect
) -> None:
    one = connect()
    one.socket.settimeout(0.5)
    sent = 0
    with suppress(TimeoutError):
        while sent < 200_000_000:
            sent += one.socket.send(b"x" * 65536)

    waiting = api("GET", "/proxies/p/stats")[1]
    assert waiting["received_bytes"]["upstream"] < 100_000_000


def test_a_toxic_with_a_ttl_removes_itself(api: Api, connect: Connect) -> None:
    body = {"type": "timeout", "name": "brief", "ttl": 0.3}
    status, made = api("POST", TOXICS, body)
    assert (status, made["ttl"]) == (200, 0.3)

    end = time.monotonic() + 10
    while api("GET", TOXICS)[1] and time.monotonic() < end:
        time.sleep(0.02)

    assert api("GET", TOXICS)[1] == []
    assert connect().echo() == b"hello"


def test_toxicity_spares_some_connections(api: Api, connect: Connect) -> None:
    api(
        "POST",
        TOXICS,
        {"type": "latency", "toxicity": 0.5, "attributes": {"latency": 80}},
    )

    times = [timed(connect().echo) for _ in range(24)]

    slow = sum(took >= 0.08 for took in times)
    assert 0 < slow < 24


def test_an_update_holds_at_once(api: Api, connect: Connect) -> None:
    one = connect()
    add(api, "latency", latency=60_000)

    api("POST", f"{TOXICS}/latency_downstream", {"attributes": {"latency": 100}})

    assert 0.1 <= timed(one.echo) < 5


def test_disabling_a_proxy_ends_its_connections_and_refuses_new_ones(
    api: Api, connect: Connect
) -> None:
    one = connect()
    one.echo()

    api("POST", "/proxies/p", {"enabled": False})

    assert one.receive(1) == b""
    with pytest.raises(ConnectionRefusedError):
        connect()


def test_the_api_answers_while_peers_are_stuck(api: Api, connect: Connect) -> None:
    add(api, "timeout", timeout=0)
    for _ in range(50):
        connect().send(b"x" * 1000)

    took = timed(lambda: api("POST", "/reset"))

    assert took < 3
    assert connect().echo() == b"hello"
