"""Toxiproxy's Python client, as it is, against our server and the real one."""

from collections.abc import Iterator

import pytest
from toxiproxy import Toxiproxy
from toxiproxy.api import APIConsumer
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

from tests.proxy.running import Server
from tests.proxy.upstreams import Upstream


@pytest.fixture
def client(target: Server) -> Iterator[Toxiproxy]:
    """Give a client of a server; it keeps the address in its class."""
    before = APIConsumer.host, APIConsumer.port
    APIConsumer.host, APIConsumer.port = "127.0.0.1", target.port
    yield Toxiproxy()
    APIConsumer.host, APIConsumer.port = before


def test_it_finds_a_toxiproxy(client: Toxiproxy) -> None:
    assert client.running()
    assert b"2.12.0" in client.version()


def test_it_makes_shows_and_removes_proxies(
    client: Toxiproxy, echoing: Upstream
) -> None:
    made = client.create(
        name="one", upstream=echoing.address, listen="127.0.0.1:0", enabled=True
    )

    assert made.enabled
    assert list(client.proxies()) == ["one"]
    assert client.get_proxy("one").upstream == echoing.address
    assert client.destroy(made)
    assert client.proxies() == {}


def test_it_adds_shows_and_removes_toxics(client: Toxiproxy) -> None:
    made = client.create(name="one", upstream="127.0.0.1:9", listen="127.0.0.1:0")

    made.add_toxic(
        type="latency",
        stream="upstream",
        toxicity=0.5,
        attributes={"latency": 10, "jitter": 2},
    )

    toxic = made.get_toxic("latency_upstream")
    assert (toxic.type, toxic.stream, toxic.toxicity) == ("latency", "upstream", 0.5)
    assert toxic.attributes == {"latency": 10, "jitter": 2}
    made.destroy_toxic("latency_upstream")
    assert made.toxics() == {}


def test_it_takes_a_proxy_down_for_a_while(client: Toxiproxy) -> None:
    made = client.create(name="one", upstream="127.0.0.1:9", listen="127.0.0.1:0")

    with made.down():
        assert not client.get_proxy("one").enabled

    assert client.get_proxy("one").enabled


def test_it_populates_and_resets(client: Toxiproxy) -> None:
    wanted = [
        {"name": name, "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}
        for name in ("one", "two")
    ]

    made = client.populate(wanted)
    made[0].add_toxic(type="noop")
    client.reset()

    assert sorted(client.proxies()) == ["one", "two"]
    assert client.get_proxy("one").toxics() == {}
    client.destroy_all()
    assert client.proxies() == {}


def test_it_is_refused_as_it_expects(client: Toxiproxy) -> None:
    made = client.create(name="one", upstream="127.0.0.1:9", listen="127.0.0.1:0")

    with pytest.raises(ProxyExists):
        client.create(name="one", upstream="127.0.0.1:9", listen="127.0.0.1:0")
    with pytest.raises(InvalidToxic):
        made.add_toxic(type="nonsense")
    with pytest.raises(NotFound):
        made.destroy_toxic("none")
