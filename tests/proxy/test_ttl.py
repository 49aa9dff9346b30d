"""A toxic with a time to live removes itself, whatever became of who added it."""

import time

import pytest

from tests.proxy.running import Proxied, Server, until
from tests.proxy.upstreams import Upstream, exactly, rest


def test_a_toxic_goes_when_its_time_is_up(proxy: Proxied) -> None:
    began = time.monotonic()
    proxy.add("latency", more={"ttl": 0.3}, latency=1000)
    assert len(proxy.toxics()) == 1

    until(lambda: proxy.toxics() == [])

    assert time.monotonic() - began >= 0.29
    with proxy.connect() as client:
        client.sendall(b"x")
        assert exactly(client, 1) == b"x"


def test_a_black_hole_that_goes_by_itself_closes_what_lost_data(
    proxy: Proxied,
) -> None:
    proxy.add("timeout", more={"ttl": 0.5}, timeout=0)
    with proxy.connect() as client:
        client.sendall(b"lost")

        assert rest(client) == b""


@pytest.mark.parametrize("ttl", [30, 0.5, 1e6])
def test_the_ttl_is_shown_where_one_was_given(proxy: Proxied, ttl: float) -> None:
    proxy.add("latency", more={"ttl": ttl})
    proxy.add("noop")

    shown = {one["name"]: one for one in proxy.toxics()}

    assert shown["latency_downstream"]["ttl"] == ttl
    assert "ttl" not in shown["noop_downstream"]


@pytest.mark.parametrize("ttl", [0, -1, 1e300, "1", [], True])
def test_a_ttl_that_makes_no_sense_is_refused(proxy: Proxied, ttl: object) -> None:
    body = {"type": "noop", "ttl": ttl}

    answer = proxy.server.call("POST", f"{proxy.path}/toxics", body)

    assert answer.status == 400
    assert proxy.toxics() == []


def test_an_update_may_renew_it(proxy: Proxied) -> None:
    name = proxy.add("latency", more={"ttl": 1})
    path = f"{proxy.path}/toxics/{name}"

    answer = proxy.server.call("PATCH", path, {"ttl": 3600})

    assert answer.json["ttl"] == 3600
    time.sleep(1.2)
    assert len(proxy.toxics()) == 1


def test_an_update_without_one_leaves_it(proxy: Proxied) -> None:
    name = proxy.add("latency", more={"ttl": 0.3})

    proxy.update(name, latency=1)

    assert until(lambda: proxy.toxics() == [])


def test_one_that_is_gone_before_its_time_stays_gone(
    server: Server, proxy: Proxied
) -> None:
    name = proxy.add("latency", more={"ttl": 1})
    proxy.remove(name)
    proxy.add("latency")
    doomed = server.proxy("127.0.0.1:9", "doomed")
    doomed.add("latency", more={"ttl": 1})
    server.call("DELETE", doomed.path)

    time.sleep(1.2)

    assert len(proxy.toxics()) == 1
    assert server.call("GET", "/version").status == 200


def test_populate_may_bring_toxics_along(server: Server, echoing: Upstream) -> None:
    toxics = [{"type": "latency", "ttl": 30, "attributes": {"latency": 5}}]
    wanted = {"name": "p", "upstream": echoing.address, "listen": "127.0.0.1:0"}

    answer = server.call("POST", "/populate", [{**wanted, "toxics": toxics}])

    assert answer.status == 201
    assert answer.json["proxies"][0]["toxics"][0]["ttl"] == 30


@pytest.mark.parametrize(
    "toxics",
    [
        [{"type": "nonsense"}],
        [{"type": "noop"}, {"type": "noop"}],
        [{"type": "latency", "attributes": {"latency": "x"}}],
        {"type": "noop"},
    ],
)
def test_populate_with_bad_toxics_makes_nothing(server: Server, toxics: object) -> None:
    good = {"name": "good", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}
    bad = {**good, "name": "bad", "toxics": toxics}

    answer = server.call("POST", "/populate", [good, bad])

    assert answer.status in (400, 409)
    assert server.call("GET", "/proxies").json == {}
