"""What is told of each connection: its number, draws, toxics, bytes and end."""

from typing import Any

import pytest

from chaos_mcp.proxy.records import KEPT
from tests.proxy.running import Proxied, Server, running, until
from tests.proxy.test_toxics import round_trip
from tests.proxy.upstreams import Upstream, close, nothing, rest, upstream


def told(proxy: Proxied) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = proxy.server.call(
        "GET", f"{proxy.path}/connections"
    ).json
    return found


def ended(proxy: Proxied, number: int = 1) -> dict[str, Any]:
    """Return what is told of a connection once it has ended."""
    return until(
        lambda: next(
            (one for one in told(proxy) if one["number"] == number and one["ended"]),
            {},
        )
    )


def test_an_open_connection_is_told_of(proxy: Proxied) -> None:
    with proxy.connect() as client:
        round_trip(client)

        (one,) = told(proxy)

    assert one["number"] == 1
    assert one["seed"] == "7/p/1"
    assert (one["open"], one["ended"]) == (True, "")
    assert one["received_bytes"] == {"upstream": 5, "downstream": 5}
    assert one["sent_bytes"] == {"upstream": 5, "downstream": 5}
    assert one["toxics"] == []


def test_an_end_on_both_sides_is_an_end(proxy: Proxied) -> None:
    with proxy.connect() as client:
        round_trip(client)

    assert ended(proxy)["ended"] == "end"
    assert ended(proxy)["open"] is False


def test_a_reset_is_told(proxy: Proxied) -> None:
    client = proxy.connect()
    round_trip(client)

    close(client, reset=True)

    assert ended(proxy)["ended"] == "reset"


def test_an_upstream_that_is_not_there_is_told(server: Server) -> None:
    proxy = server.proxy("127.0.0.1:9")
    with proxy.connect() as client:
        assert rest(client) == b""

    one = ended(proxy)
    assert one["ended"] == "unreachable"
    assert one["sent_bytes"] == {"upstream": 0, "downstream": 0}


def test_that_the_proxy_was_stopped_is_told(proxy: Proxied) -> None:
    with proxy.connect() as client:
        round_trip(client)
        proxy.server.call("POST", proxy.path, {"enabled": False})

        assert ended(proxy)["ended"] == "stopped"


def test_the_toxic_that_closed_it_is_told(proxy: Proxied) -> None:
    proxy.add("latency", latency=1)
    proxy.add("limit_data", bytes=3)
    with proxy.connect() as client:
        client.sendall(b"hello")
        assert rest(client) == b"hel"

    one = ended(proxy)
    assert one["ended"] == "close"
    seen = {toxic["name"]: (toxic["acted"], toxic["closed"]) for toxic in one["toxics"]}
    assert seen == {
        "latency_downstream": (True, False),
        "limit_data_downstream": (True, True),
    }


def test_a_toxic_that_acted_is_told_of_when_it_is_gone(proxy: Proxied) -> None:
    name = proxy.add("latency", latency=1)
    other = proxy.add("noop")
    with proxy.connect() as client:
        round_trip(client)
        proxy.remove(name)
        proxy.remove(other)

        (one,) = told(proxy)

    assert [toxic["name"] for toxic in one["toxics"]] == [name]


@pytest.mark.parametrize("skips", [{}, {"skip_bytes": 2}])
def test_the_draw_tells_whom_a_toxic_meets(
    proxy: Proxied, skips: dict[str, int]
) -> None:
    proxy.add("latency", more={"toxicity": 0.5, **skips}, latency=1)
    for _ in range(20):
        with proxy.connect() as client:
            round_trip(client)

    seen = [toxic for one in told(proxy) for toxic in one["toxics"]]

    assert len(seen) == 20
    assert {one["met"] for one in seen} == {True, False}
    assert all(one["met"] == (one["roll"] < 0.5) == one["acted"] for one in seen)


def test_a_draw_is_the_same_whatever_other_toxics_there_are(echoing: Upstream) -> None:
    draws = []
    for others in ([], ["noop", "slicer"]):
        with running("--seed", "3") as server:
            proxy = server.proxy(echoing.address)
            for kind in others:
                proxy.add(kind)
            proxy.add("latency", more={"toxicity": 0.5, "name": "half"}, latency=1)
            for _ in range(5):
                with proxy.connect() as client:
                    round_trip(client)
            draws.append(
                [
                    toxic["roll"]
                    for one in told(proxy)
                    for toxic in one["toxics"]
                    if toxic["name"] == "half"
                ]
            )

    assert draws[0] == draws[1]
    assert len(set(draws[0])) == 5


def test_only_the_latest_are_remembered(server: Server) -> None:
    with upstream(nothing) as made:
        proxy = server.proxy(made.address)
        clients = [proxy.connect() for _ in range(KEPT + 20)]
        until(lambda: proxy.stats()["accepted"] == KEPT + 20)
        for client in clients[::2]:
            client.close()

        seen = [one["number"] for one in told(proxy)]

        assert seen == list(range(21, KEPT + 21))
        for client in clients[1::2]:
            client.close()


def test_of_a_proxy_that_is_not_there_nothing_is_told(server: Server) -> None:
    assert server.call("GET", "/proxies/x/connections").status == 404
