"""Several workers behind one API: whoever has a connection, all is as with one."""

import os
import selectors
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.proxy.running import PATIENCE, Proxied, Server, running, until
from tests.proxy.upstreams import Upstream, exactly

WORKERS, CLIENTS = 3, 40
HOUR = 3_600_000


@pytest.fixture
def crew() -> Iterator[Server]:
    with running("--workers", str(WORKERS), "--seed", "7") as server:
        yield server


def workers(server: Server) -> list[int]:
    """Return the numbers of a server's workers."""
    number = server.process.pid
    path = Path(f"/proc/{number}/task/{number}/children")
    return [int(one) for one in path.read_text("ascii").split()]


def sockets(process: int) -> int:
    """Return how many sockets a process has."""
    links = list(Path(f"/proc/{process}/fd").iterdir())
    return sum(str(one.readlink()).startswith("socket:") for one in links)


def connected(scope: ExitStack, proxy: Proxied) -> list[socket.socket]:
    """Return clients that have had an answer."""
    clients = [scope.enter_context(proxy.connect()) for _ in range(CLIENTS)]
    for one in clients:
        exchange(one)
    return clients


def exchange(client: socket.socket, text: bytes = b"hello") -> None:
    client.sendall(text)
    assert exactly(client, len(text)) == text


def test_connections_are_shared_among_workers_and_counted_together(
    crew: Server, echoing: Upstream
) -> None:
    proxy = crew.proxy(echoing.address)
    before = {one: sockets(one) for one in workers(crew)}
    assert len(before) == WORKERS
    with ExitStack() as scope:
        connected(scope, proxy)

        had = [sockets(one) - count for one, count in before.items()]

        assert sum(had) == 2 * CLIENTS
        assert all(had)
        bytes_ = {"upstream": 5 * CLIENTS, "downstream": 5 * CLIENTS}
        assert proxy.stats() == {
            "accepted": CLIENTS,
            "open": CLIENTS,
            "received_bytes": bytes_,
            "sent_bytes": bytes_,
        }
    until(lambda: proxy.stats()["open"] == 0)
    assert proxy.stats()["received_bytes"] == bytes_
    metrics = crew.call("GET", "/metrics").body.decode()
    assert f'proxy="p",upstream="{echoing.address}"}} {5 * CLIENTS}' in metrics


def met(server: Server, echoing: Upstream, *, at_once: bool) -> list[Any]:
    """Return what toxicity 0.5 made of each connection, by its number."""
    proxy = server.proxy(echoing.address)
    proxy.add("latency", more={"toxicity": 0.5}, latency=1)
    with ExitStack() as scope:
        clients = connected(scope, proxy) if at_once else []
        for _ in range(CLIENTS - len(clients)):
            with proxy.connect() as client:
                exchange(client)
        records = server.call("GET", f"{proxy.path}/connections").json
    return [
        (one["number"], one["seed"], one["toxics"][0]["met"], one["toxics"][0]["roll"])
        for one in records
    ]


@pytest.mark.parametrize("at_once", [True, False])
def test_connections_have_the_numbers_and_draws_that_they_have_with_one_worker(
    crew: Server, echoing: Upstream, *, at_once: bool
) -> None:
    with running("--seed", "7") as alone:
        expected = met(alone, echoing, at_once=at_once)

    found = met(crew, echoing, at_once=at_once)

    assert [one[0] for one in found] == list(range(1, CLIENTS + 1))
    assert found == expected
    assert len({one[2] for one in found}) == 2


def test_effects_are_the_sum_of_what_all_workers_have_done(
    crew: Server, echoing: Upstream
) -> None:
    proxy = crew.proxy(echoing.address)
    with ExitStack() as scope:
        clients = connected(scope, proxy)
        toxic = proxy.add("latency", latency=2)
        for one in clients:
            exchange(one)

        effects = proxy.effects(toxic)

        assert (effects["connections"], effects["bytes"]) == (CLIENTS, 5 * CLIENTS)
        assert effects["delayed_seconds"] >= 0.002 * CLIENTS


def test_the_first_connections_are_let_through_whichever_worker_has_them(
    crew: Server, echoing: Upstream
) -> None:
    proxy = crew.proxy(echoing.address)
    with ExitStack() as scope:
        clients = connected(scope, proxy)
        more = {"skip_connections": CLIENTS - 3}
        toxic = proxy.add("latency", "upstream", more=more, latency=HOUR)
        for one in clients:
            one.sendall(b"x")

        until(lambda: proxy.effects(toxic)["chunks"] == 3)

        with selectors.DefaultSelector() as answered:
            for one in clients:
                answered.register(one, selectors.EVENT_READ)
            until(lambda: len(answered.select(0)) == CLIENTS - 3)


def test_a_toxic_whose_time_is_over_is_removed_from_every_worker(
    crew: Server, echoing: Upstream
) -> None:
    proxy = crew.proxy(echoing.address)
    with ExitStack() as scope:
        clients = connected(scope, proxy)
        proxy.add("latency", more={"ttl": 0.2}, latency=HOUR)
        for one in clients:
            exchange(one)

        assert proxy.toxics() == []


def test_a_shared_rate_is_shared_by_all_workers(
    crew: Server, echoing: Upstream
) -> None:
    proxy = crew.proxy(echoing.address)
    much = bytes(20_000)
    with ExitStack() as scope:
        clients = connected(scope, proxy)[:10]
        body = {"rate": 400, "shared": True}
        proxy.add("bandwidth", "upstream", more={"attributes": body})
        began = time.monotonic()
        for one in clients:
            one.sendall(much)
        for one in clients:
            assert exactly(one, len(much)) == much

        assert time.monotonic() - began >= 0.49  # 200 KB at 400 KB/s


def test_ports_are_refused_moved_and_given_back_as_with_one_worker(
    crew: Server, echoing: Upstream
) -> None:
    proxy = crew.proxy(echoing.address)
    port = proxy.listen.rpartition(":")[2]
    body = {"name": "q", "upstream": echoing.address, "listen": proxy.listen}
    refused = crew.call("POST", "/proxies", body)
    assert (refused.status, "address already in use" in refused.json["error"]) == (
        500,
        True,
    )

    moved = crew.call("POST", proxy.path, {"listen": f"0.0.0.0:{port}"})
    assert moved.status == 200, moved
    assert moved.json["listen"] in (f"0.0.0.0:{port}", f"[::]:{port}")
    with ExitStack() as scope:
        connected(scope, proxy)

    crew.call("POST", proxy.path, {"enabled": False})
    with pytest.raises(ConnectionRefusedError):
        proxy.connect()

    crew.call("POST", proxy.path, {"enabled": True})
    with ExitStack() as scope:
        clients = connected(scope, proxy)
        assert crew.call("DELETE", proxy.path).status == 204
        assert {one.recv(1) for one in clients} == {b""}
    with socket.create_server(("0.0.0.0", int(port)), backlog=1):  # noqa: S104
        pass


def test_populate_gives_the_port_of_one_proxy_to_another(
    crew: Server, echoing: Upstream
) -> None:
    first = crew.proxy(echoing.address, "first")
    body = [
        {"name": "first", "upstream": echoing.address, "listen": "127.0.0.1:0"},
        {"name": "second", "upstream": echoing.address, "listen": first.listen},
    ]

    made = crew.call("POST", "/populate", body)

    assert made.status == 201, made
    with ExitStack() as scope:
        connected(scope, first)
    assert Proxied(crew, "second", first.listen).stats()["accepted"] == CLIENTS


def test_a_worker_that_is_gone_ends_the_server_and_is_told_of(crew: Server) -> None:
    os.kill(workers(crew)[0], signal.SIGKILL)

    assert crew.process.wait(PATIENCE) == 1
    assert crew.process.stderr is not None
    assert b"a worker has failed" in crew.process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_the_parent(
    crew: Server, echoing: Upstream, number: signal.Signals
) -> None:
    proxy = crew.proxy(echoing.address)
    all_ = workers(crew)
    with ExitStack() as scope:
        connected(scope, proxy)
        crew.process.send_signal(number)

        code = crew.process.wait(PATIENCE)

        assert code == (-number if number == signal.SIGKILL else 0)
        until(lambda: not any(Path(f"/proc/{one}/fd").exists() for one in all_))
    with pytest.raises(ConnectionRefusedError):
        proxy.connect()


def test_one_worker_is_the_server_itself(server: Server) -> None:
    assert workers(server) == []


def test_a_unix_socket_is_refused_and_nothing_is_left_of_it(
    crew: Server, tmp_path: Path
) -> None:
    listen = f"unix:{tmp_path / 'socket'}"
    body = {"name": "p", "upstream": "127.0.0.1:9", "listen": listen}

    answer = crew.call("POST", "/proxies", body)

    assert answer.status == 500
    assert "several workers cannot share it" in answer.json["error"]
    assert crew.call("GET", "/proxies").json == {}
    assert list(tmp_path.iterdir()) == []


def test_datagrams_are_refused_where_several_workers_would_share_them(
    crew: Server,
) -> None:
    body = {"name": "p", "upstream": "127.0.0.1:9", "listen": "udp://127.0.0.1:0"}

    answer = crew.call("POST", "/proxies", body)

    assert answer.status == 500
    assert "several workers cannot share it" in answer.json["error"]
    assert crew.call("GET", "/proxies").json == {}
