"""What is wrong with the original, and not here: a test for each defect.

Numbers are those of issues and pull requests of Shopify/toxiproxy.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.proxy.running import PATIENCE, Answer, Proxied, Server, running, until
from tests.proxy.test_toxics import WEEK, round_trip
from tests.proxy.upstreams import (
    Upstream,
    close,
    exactly,
    nothing,
    rest,
    says,
    upstream,
)

SOON = 5.0
"""Seconds for an answer that takes milliseconds, on a machine that is busy."""


def quick(server: Server, method: str, path: str, body: Any = None) -> Answer:
    """Ask the API, and see that the answer comes soon."""
    began = time.monotonic()
    answer = server.call(method, path, body)
    assert time.monotonic() - began < SOON, f"{method} {path} took too long"
    return answer


def everything(proxy: Proxied) -> None:
    """Do to a proxy all that can be done, and see that it is done soon."""
    server, toxics = proxy.server, f"{proxy.path}/toxics"
    latency = {"type": "latency", "name": "l", "attributes": {"latency": 5}}
    assert quick(server, "POST", toxics, latency).status == 200
    change = {"attributes": {"latency": 7}}
    assert quick(server, "PATCH", f"{toxics}/l", change).status == 200
    assert quick(server, "GET", "/proxies").status == 200
    assert quick(server, "GET", "/metrics").status == 200
    assert quick(server, "DELETE", f"{toxics}/l").status == 204
    assert quick(server, "POST", toxics, {"type": "slicer"}).status == 200
    assert quick(server, "POST", "/reset").status == 204
    assert quick(server, "PATCH", proxy.path, {"enabled": False}).status == 200
    assert quick(server, "PATCH", proxy.path, {"enabled": True}).status == 200
    assert quick(server, "DELETE", proxy.path).status == 204


def test_the_api_never_hangs_while_a_client_does_not_read(server: Server) -> None:
    """#558, #412, #254, #210, #159."""
    with upstream(says(bytes(50_000_000))) as made:
        proxy = server.proxy(made.address)
        proxy.add("latency", latency=1)
        with proxy.connect():
            until(lambda: proxy.stats()["received_bytes"]["downstream"] > 100_000)

            everything(proxy)


@contextlib.contextmanager
def black_hole() -> Iterator[str]:
    """Give an address that answers no attempt to connect, not even by refusing it."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)  # noqa: FBT003 - the name of the method says what
            with contextlib.suppress(BlockingIOError):
                one.connect(address)
        yield f"127.0.0.1:{address[1]}"
        for one in waiting:
            one.close()


def test_the_api_never_hangs_while_an_upstream_does_not_answer(server: Server) -> None:
    with black_hole() as nowhere:
        proxy = server.proxy(nowhere)
        clients = [proxy.connect() for _ in range(20)]
        until(lambda: proxy.stats()["open"] == 20)

        everything(proxy)

        for client in clients:
            client.close()


def test_the_api_never_hangs_with_500_open_connections(proxy: Proxied) -> None:
    with contextlib.ExitStack() as open_:
        clients = [open_.enter_context(proxy.connect()) for _ in range(500)]
        for client in clients:
            client.sendall(b"x")
        for client in clients:
            assert client.recv(1) == b"x"

        everything(proxy)


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("bandwidth", {"rate": -1}),
        ("slicer", {}),  # 541, 727, 770
        ("slicer", {"average_size": 1, "size_variation": 99}),
        ("slicer", {"average_size": -5, "size_variation": -5, "delay": -5}),
        ("latency", {"latency": 1, "jitter": 2**63 - 1}),
        ("latency", {"latency": -(2**63), "jitter": -(2**63)}),
        ("limit_data", {"bytes": -1}),
        ("timeout", {"timeout": -1}),
        ("reset_peer", {"timeout": -1}),
        ("slow_close", {"delay": -1}),
    ],
)
@pytest.mark.parametrize("toxicity", [1, -1, 1e30])
def test_no_toxic_ends_the_server(
    proxy: Proxied, kind: str, of: dict[str, int], toxicity: float
) -> None:
    """#541: a panic of the original."""
    proxy.add(kind, more={"toxicity": toxicity, "attributes": of})
    with proxy.connect() as client:
        client.sendall(b"hello")
        if kind in ("slicer", "slow_close"):
            assert exactly(client, 5) == b"hello"
        client.settimeout(0.1)  # the others may stay silent for good
        with contextlib.suppress(OSError):
            rest(client)

    proxy.server.call("POST", "/reset")

    with proxy.connect() as client:
        round_trip(client)
    assert proxy.server.process.poll() is None


def test_a_toxicity_of_0_meets_nobody(proxy: Proxied) -> None:
    """#603."""
    name = proxy.add("reset_peer", more={"toxicity": 0})
    for _ in range(20):
        with proxy.connect() as client:
            round_trip(client)

    assert proxy.effects(name)["connections"] == 0


@contextlib.contextmanager
def busy_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_a_listen_failure_leaves_the_proxy_as_it_was(proxy: Proxied) -> None:
    """The original stops it."""
    before = proxy.server.call("GET", proxy.path).json
    with busy_port() as busy, proxy.connect() as client:
        round_trip(client)

        body = {"listen": busy, "upstream": "127.0.0.1:9", "enabled": True}
        answer = proxy.server.call("PATCH", proxy.path, body)

        assert answer.status == 500
        assert proxy.server.call("GET", proxy.path).json == before
        round_trip(client)
    with proxy.connect() as client:
        round_trip(client)


@pytest.mark.parametrize(
    "body",
    [
        {"attributes": {"latency": 9, "jitter": "x"}},
        {"attributes": {"latency": 9}, "toxicity": "x"},
        {"attributes": {"latency": 9}, "ttl": -1},
        {"attributes": {"latency": 9, "correlation": 7}},
        {"attributes": {"latency": 9}, "skip_bytes": -1},
    ],
)
def test_a_refused_update_changes_nothing(proxy: Proxied, body: Any) -> None:
    """The original has done half of it by then."""
    name = proxy.add("latency", latency=1)
    before = proxy.toxics()

    answer = proxy.server.call("PATCH", f"{proxy.path}/toxics/{name}", body)

    assert answer.status == 400
    assert proxy.toxics() == before


def test_half_a_close_is_no_whole_one(server: Server) -> None:
    """Who has said everything may still listen."""

    def serve(client: socket.socket) -> None:
        client.sendall(b"heard " + rest(client))
        client.shutdown(socket.SHUT_WR)

    with upstream(serve) as made:
        proxy = server.proxy(made.address)
        with proxy.connect() as client:
            client.sendall(b"everything")
            client.shutdown(socket.SHUT_WR)

            assert rest(client) == b"heard everything"


@pytest.mark.parametrize("who", ["client", "upstream"])
def test_a_reset_becomes_no_close(server: Server, who: str) -> None:
    with upstream(nothing) as made:
        proxy = server.proxy(made.address)
        with proxy.connect() as client:
            other = until(lambda: made.clients)[0]
            client.sendall(b"x")
            assert exactly(other, 1) == b"x"
            crashes, sees = (client, other) if who == "client" else (other, client)

            close(crashes, reset=True)

            with pytest.raises(ConnectionResetError):
                sees.recv(1)


def drawn(seed: str, echoing: Upstream, command: list[str]) -> list[float]:
    """Return the draws of ten connections under a seed."""
    with running("--seed", seed, program=command) as server:
        proxy = server.proxy(echoing.address)
        name = proxy.add("latency", more={"toxicity": 0.5}, latency=1)
        for _ in range(10):
            with proxy.connect() as client:
                round_trip(client)
                proxy.update(name, latency=2)
        records = server.call("GET", f"{proxy.path}/connections").json
        assert all(len(one["toxics"]) == 1 for one in records)
        return [one["toxics"][0]["roll"] for one in records]


@pytest.mark.parametrize(
    "command",
    [["-m", "chaos_mcp.proxy"], ["-m", "chaos_mcp.cli", "proxy", "serve"]],
    ids=["server", "chaos proxy serve"],
)
def test_a_seed_has_an_effect_one_roll_a_connection(
    echoing: Upstream, command: list[str]
) -> None:
    """#274, #610: the original takes a seed and forgets it."""
    one, same, other = (drawn(seed, echoing, command) for seed in ("5", "5", "6"))

    assert one == same
    assert len(set(one)) == len(set(other)) == 10
    assert not set(one) & set(other)


def test_metrics_move_while_a_connection_is_open(proxy: Proxied) -> None:
    """#266, #414."""

    def sent() -> int:
        text = proxy.server.call("GET", "/metrics").body.decode()
        (line,) = (
            one
            for one in text.splitlines()
            if one.startswith("toxiproxy_proxy_sent_bytes_total{")
            and 'direction="downstream"' in one
        )
        return int(line.rpartition(" ")[2])

    with proxy.connect() as client:
        seen = []
        for _ in range(3):
            round_trip(client, b"12345")
            seen.append(sent())

    assert seen == [5, 10, 15]


def test_a_timeout_counts_silence_and_a_cut_counts_from_the_start(
    proxy: Proxied,
) -> None:
    """#195, #149, #121: `timeout` is as it was; `cut` is what was asked for."""
    timeout = proxy.add("timeout", "upstream", timeout=1500)
    with proxy.connect() as client:
        end = time.monotonic() + 2
        while time.monotonic() < end:
            client.sendall(b"x")
            time.sleep(0.01)
        assert proxy.effects(timeout)["closed"] == 0
        proxy.remove(timeout)

    proxy.add("cut", "upstream", after=200)
    with proxy.connect() as client, contextlib.suppress(OSError):
        end = time.monotonic() + SOON
        while client.send(b"x") and client.recv(1):
            assert time.monotonic() < end


@pytest.mark.parametrize("name", ["a/b", "/", "a b", "ä", "a%2fb"])
def test_what_has_a_slash_in_its_name_can_be_deleted(server: Server, name: str) -> None:
    proxy = server.proxy("127.0.0.1:9", name=name)
    toxic = proxy.add("latency", more={"name": "t/x"}).replace("/", "%2F")

    assert server.call("GET", f"{proxy.path}/toxics/{toxic}").status == 200
    assert server.call("DELETE", f"{proxy.path}/toxics/{toxic}").status == 204
    assert server.call("DELETE", proxy.path).status == 204
    assert server.call("GET", "/proxies").json == {}


def test_toxics_in_a_configuration_and_in_populate_are_not_ignored(
    tmp_path: Path,
) -> None:
    """#447, #510, #163, #79."""
    toxics = [{"type": "limit_data", "attributes": {"bytes": 0}}]
    listed = {"name": "a", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}
    file = tmp_path / "proxies.json"
    file.write_text(json.dumps([{**listed, "toxics": toxics}]), "utf-8")

    with running("--config", str(file)) as server:
        (configured,) = server.call("GET", "/proxies/a/toxics").json
        server.call("POST", "/populate", [{**listed, "name": "b", "toxics": toxics}])
        (populated,) = server.call("GET", "/proxies/b/toxics").json

    assert configured == populated
    assert configured["attributes"] == {"bytes": 0}


def test_several_toxics_hold_from_the_same_moment_on(proxy: Proxied) -> None:
    """#148."""
    clients = [proxy.connect() for _ in range(10)]
    for client in clients:
        round_trip(client)

    both = [{"type": "timeout", "stream": one} for one in ("upstream", "downstream")]
    answer = proxy.server.call("POST", f"{proxy.path}/toxics", both)

    assert answer.status == 200
    for client in clients:
        client.sendall(b"lost")
    down = f"{proxy.path}/toxics/timeout_downstream/effects"
    up = f"{proxy.path}/toxics/timeout_upstream/effects"
    until(lambda: proxy.server.call("GET", up).json["dropped_bytes"] == 40)
    assert proxy.server.call("GET", down).json["dropped_bytes"] == 0
    for client in clients:
        client.close()


def test_a_proxy_that_is_deleted_gives_its_port_back(server: Server) -> None:
    with upstream(nothing) as made:
        proxy = server.proxy(made.address)
        proxy.add("latency", latency=WEEK)
        with proxy.connect() as client:
            client.sendall(b"held")
            until(lambda: proxy.stats()["received_bytes"]["upstream"] == 4)

            server.call("DELETE", proxy.path)

            socket.create_server(proxy.address).close()


def test_no_bytes_are_lost_where_toxics_change(proxy: Proxied) -> None:
    """#178, #427, #428."""
    data = os.urandom(300_000)
    with proxy.connect() as client:
        client.settimeout(PATIENCE)
        back = bytearray()
        for number in range(30):
            part = data[number * 10_000 :][:10_000]
            client.sendall(part)
            kind = ("latency", "slicer", "bandwidth")[number % 3]
            of = {
                "latency": {"latency": 3},
                "slicer": {"average_size": 999},
                "bandwidth": {"rate": 9_000},
            }[kind]
            name = proxy.add(kind, more={"name": "one", "attributes": of})
            proxy.remove(name)
        back += exactly(client, len(data))

    assert bytes(back) == data
