"""What passes through a proxy without toxics: bytes, ends and resets, both ways."""

import contextlib
import os
import socket
import time
from statistics import median

import pytest

from chaos_mcp.proxy.sockets import tune
from tests.proxy.running import Proxied, Server, settled, until
from tests.proxy.upstreams import (
    Upstream,
    close,
    echo,
    exactly,
    nothing,
    rest,
    says,
    sending,
    told,
    upstream,
)

MEBIBYTE = 2**20


def test_bytes_pass_both_ways_and_are_the_same(proxy: Proxied) -> None:
    data = os.urandom(8 * MEBIBYTE)

    with proxy.connect() as client, sending(client, data):
        back = exactly(client, len(data))

    assert told(back) == told(data)


def test_small_messages_are_not_held_back(proxy: Proxied) -> None:
    """Nagle's algorithm with delayed acknowledgements would cost 40 ms a round."""
    took = []
    with proxy.connect() as client:
        for _ in range(50):
            began = time.monotonic()
            client.sendall(b"a")
            client.sendall(b"b")
            assert exactly(client, 2) == b"ab"
            took.append(time.monotonic() - began)

    assert median(took) < 0.03


def test_sockets_send_at_once_and_find_out_that_a_peer_is_gone() -> None:
    with socket.socket() as one:
        tune(one)

        for level, option, value in (
            (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
            (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
            (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
            (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 6),
        ):
            assert one.getsockopt(level, option) == value


def test_a_half_closed_connection_still_carries_the_answer(proxy: Proxied) -> None:
    with proxy.connect() as client:
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)

        assert rest(client) == b"question"


def test_an_upstream_that_ends_first_still_hears_the_client(server: Server) -> None:
    heard: list[bytes] = []

    def ends_first(client: socket.socket) -> None:
        client.shutdown(socket.SHUT_WR)
        heard.append(rest(client))

    with upstream(ends_first) as made, server.proxy(made.address).connect() as client:
        assert rest(client) == b""
        client.sendall(b"still here")
        client.shutdown(socket.SHUT_WR)

        assert until(lambda: heard) == [b"still here"]


def test_a_reset_by_the_upstream_reaches_the_client(server: Server) -> None:
    with upstream(nothing) as made, server.proxy(made.address).connect() as client:
        until(lambda: made.clients)[0].sendall(b"x")
        assert exactly(client, 1) == b"x"  # so the proxy knows that it is connected

        close(made.clients[0], reset=True)

        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_reset_by_the_client_reaches_the_upstream(server: Server) -> None:
    with upstream(nothing) as made:
        client = server.proxy(made.address).connect()
        until(lambda: made.clients)

        close(client, reset=True)

        with pytest.raises(ConnectionResetError):
            made.clients[0].recv(1)


def test_what_was_said_before_a_reset_is_still_heard(server: Server) -> None:
    with upstream(nothing) as made, server.proxy(made.address).connect() as client:
        until(lambda: made.clients)
        made.clients[0].sendall(b"last words")
        assert exactly(client, 4) == b"last"

        close(made.clients[0], reset=True)

        assert exactly(client, 6) == b" words"


def test_an_upstream_that_refuses_closes_the_client(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    proxy = server.proxy(f"127.0.0.1:{port}")

    with proxy.connect() as client:
        assert rest(client) == b""

    assert until(lambda: proxy.stats()["open"] == 0)


@pytest.mark.parametrize("bad", ["nonsense", "127.0.0.1:99999", "nohost.invalid:80"])
def test_an_upstream_that_is_no_address_closes_the_client(
    server: Server, bad: str
) -> None:
    proxy = server.proxy(bad)
    clients = [proxy.connect() for _ in range(5)]

    for client in clients:
        assert rest(client) == b""
        client.close()


def test_an_upstream_may_be_a_name(server: Server, echoing: Upstream) -> None:
    port = echoing.address.rpartition(":")[2]

    with server.proxy(f"localhost:{port}").connect() as client:
        client.sendall(b"hello")

        assert exactly(client, 5) == b"hello"


def test_an_upstream_without_a_host_is_this_one(
    server: Server, echoing: Upstream
) -> None:
    port = echoing.address.rpartition(":")[2]

    with server.proxy(f":{port}").connect() as client:
        client.sendall(b"hello")

        assert exactly(client, 5) == b"hello"


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("", {}),
        ("noop", {}),
        ("latency", {"latency": 1}),
        ("bandwidth", {"rate": 10**9}),
        ("slicer", {"average_size": 1000}),
    ],
)
def test_a_slow_reader_slows_the_sender_down(
    server: Server, kind: str, of: dict[str, int]
) -> None:
    """What waits is bounded: far less than the sender would like to be rid of."""
    with upstream(floods) as made:
        proxy = server.proxy(made.address)
        if kind:
            proxy.add(kind, "downstream", **of)
        before = memory(server)
        with proxy.connect():
            until(lambda: proxy.stats()["received_bytes"]["downstream"] > MEBIBYTE)
            received = settled(lambda: proxy.stats()["received_bytes"]["downstream"])

            assert received < 64 * MEBIBYTE
            assert memory(server) - before < 80 * MEBIBYTE


def floods(client: socket.socket) -> None:
    """Send as much as the client takes, for as long as it lives."""
    while True:
        client.sendall(bytes(65536))


def memory(server: Server) -> int:
    """Return the resident memory of the server, in bytes."""
    with open(f"/proc/{server.process.pid}/statm") as statm:  # noqa: PTH123 - short
        return int(statm.read().split()[1]) * 4096


def test_many_connections_at_once_are_all_served(proxy: Proxied) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(proxy.connect()) for _ in range(200)]
        for number, client in enumerate(clients):
            client.sendall(b"%4d" % number)

        assert [int(exactly(client, 4)) for client in clients] == list(range(200))
        assert proxy.stats()["open"] == 200

    assert until(lambda: proxy.stats()["open"] == 0)


def test_disabling_a_proxy_closes_its_connections_and_port(proxy: Proxied) -> None:
    with proxy.connect() as client:
        client.sendall(b"x")
        assert exactly(client, 1) == b"x"

        answer = proxy.server.call("POST", proxy.path, {"enabled": False})

        assert answer.json["enabled"] is False
        assert rest(client) == b""
    with pytest.raises(ConnectionRefusedError):
        proxy.connect()


def test_deleting_a_proxy_gives_its_port_back(proxy: Proxied) -> None:
    assert proxy.server.call("DELETE", proxy.path).status == 204

    socket.create_server(proxy.address).close()


def test_a_proxy_can_be_deleted_while_it_is_dialling(server: Server) -> None:
    """A full backlog leaves the dial hanging: nobody may wait for it."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        fill = [socket.socket() for _ in range(4)]
        for one in fill:
            one.setblocking(False)  # noqa: FBT003 - the name of the method says what
            one.connect_ex(address)
        proxy = server.proxy(f"127.0.0.1:{address[1]}")
        with proxy.connect() as client:
            until(lambda: proxy.stats()["accepted"] == 1)

            assert server.call("DELETE", proxy.path).status == 204
            assert rest(client) == b""
        for one in fill:
            one.close()


def test_a_new_upstream_ends_connections_and_serves_new_ones(
    server: Server, echoing: Upstream
) -> None:
    with upstream(says(b"other")) as other:
        proxy = server.proxy(echoing.address)
        with proxy.connect() as client:
            client.sendall(b"x")
            assert exactly(client, 1) == b"x"
            body = {"upstream": other.address}

            answer = server.call("POST", proxy.path, body)

            assert answer.json["listen"] == proxy.listen
            assert rest(client) == b""
        with proxy.connect() as client:
            assert rest(client) == b"other"


def test_a_listen_failure_leaves_the_proxy_as_it_was(proxy: Proxied) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy, proxy.connect() as client:
        body = {"listen": f"127.0.0.1:{busy.getsockname()[1]}", "upstream": "a:1"}

        refused = proxy.server.call("POST", proxy.path, body)

        assert refused.status == 500
        shown = proxy.server.call("GET", proxy.path).json
        assert (shown["listen"], shown["enabled"]) == (proxy.listen, True)
        client.sendall(b"still")
        assert exactly(client, 5) == b"still"


def test_a_proxy_may_move_to_all_interfaces_on_its_own_port(proxy: Proxied) -> None:
    port = proxy.address[1]

    answer = proxy.server.call("POST", proxy.path, {"listen": f"0.0.0.0:{port}"})

    assert answer.json["listen"] == f"[::]:{port}"
    with proxy.connect() as client:
        client.sendall(b"hello")
        assert exactly(client, 5) == b"hello"


def test_a_proxy_works_over_ipv6(server: Server, echoing: Upstream) -> None:
    with contextlib.suppress(OSError):
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        proxy = server.proxy(echoing.address, listen="[::1]:0")
        port = int(proxy.listen.rpartition(":")[2])
        with socket.create_connection(("::1", port), timeout=10) as client:
            client.sendall(b"hello")
            assert exactly(client, 5) == b"hello"


def test_a_thousand_proxies_are_no_trouble(server: Server) -> None:
    wanted = [
        {"name": f"p{number}", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}
        for number in range(1000)
    ]

    answer = server.call("POST", "/populate", wanted)

    assert answer.status == 201
    assert len({one["listen"] for one in answer.json["proxies"]}) == 1000


def test_a_flood_of_connections_that_come_and_go_leaves_none_behind(
    server: Server,
) -> None:
    with upstream(echo) as made:
        proxy = server.proxy(made.address)
        for number in range(100):
            with proxy.connect() as client:
                client.sendall(b"x")
                if number % 2:
                    assert exactly(client, 1) == b"x"
                close(client, reset=number % 3 == 0)

        assert until(lambda: proxy.stats()["open"] == 0)
        assert proxy.stats()["accepted"] == 100


def test_a_client_that_vanishes_in_the_middle_ends_the_upstream(
    server: Server,
) -> None:
    """It has said all it had to say, so that only writing finds out."""
    with upstream(floods) as made:
        proxy = server.proxy(made.address)
        client = proxy.connect()
        client.shutdown(socket.SHUT_WR)
        assert exactly(client, MEBIBYTE)

        close(client, reset=True)

        assert until(lambda: proxy.stats()["open"] == 0)
        with pytest.raises(OSError, match=r"(?i)reset|pipe"):
            floods(made.clients[0])


def test_an_upstream_that_vanishes_while_much_waits_for_the_client(
    server: Server,
) -> None:
    with upstream(nothing) as made:
        proxy = server.proxy(made.address)
        proxy.add("latency", latency=60_000)
        with proxy.connect() as client:
            other = until(lambda: made.clients)[0]
            other.sendall(b"first words")
            other.shutdown(socket.SHUT_WR)
            until(lambda: proxy.stats()["received_bytes"]["downstream"] == 11)
            close(other, reset=True)

            for _ in range(20):
                client.sendall(b"are you there?")
                time.sleep(0.01)
            server.call("DELETE", f"{proxy.path}/toxics/latency_downstream")

            assert exactly(client, 11) == b"first words"


def test_a_port_that_cannot_be_had_after_all_is_taken_up_again(
    proxy: Proxied,
) -> None:
    """To move to all interfaces it has to let go of its port first."""
    port = proxy.address[1]
    with socket.create_server(("127.0.0.2", port)):
        body = {"listen": f"0.0.0.0:{port}"}

        refused = proxy.server.call("POST", proxy.path, body)

        assert refused.status == 500
        with proxy.connect() as client:
            client.sendall(b"hello")
            assert exactly(client, 5) == b"hello"


def test_reset_tells_of_a_proxy_that_cannot_listen_and_does_the_others(
    server: Server,
) -> None:
    names = ["one", "two", "three"]
    proxies = {name: server.proxy("127.0.0.1:9", name) for name in names}
    for proxy in proxies.values():
        server.call("POST", proxy.path, {"enabled": False})
        proxy.add("noop")
    with socket.create_server(proxies["two"].address):
        answer = server.call("POST", "/reset")

    assert answer.status == 500
    assert "address already in use" in answer.json["error"]
    shown = server.call("GET", "/proxies").json
    assert [shown[name]["enabled"] for name in names] == [True, False, True]
    assert all(shown[name]["toxics"] == [] for name in names)


def test_a_name_that_is_taken_is_refused(proxy: Proxied) -> None:
    body = {"name": proxy.name, "upstream": "127.0.0.1:9"}

    refused = proxy.server.call("POST", "/proxies", body)

    assert refused.json == {"error": "proxy already exists", "status": 409}


def test_a_host_that_is_only_digits_is_no_name(server: Server) -> None:
    with server.proxy("999.1.1.1:80").connect() as client:
        assert rest(client) == b""


def test_populating_what_fails_leaves_the_old_proxy(server: Server) -> None:
    proxy = server.proxy("127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as busy:
        listen = f"127.0.0.1:{busy.getsockname()[1]}"
        wanted = [{"name": "p", "upstream": "127.0.0.1:9", "listen": listen}]

        answer = server.call("POST", "/populate", wanted)

    assert answer.status == 500
    shown = server.call("GET", proxy.path).json
    assert (shown["listen"], shown["enabled"]) == (proxy.listen, True)


def test_populating_the_same_port_with_another_upstream_replaces_it(
    server: Server, echoing: Upstream
) -> None:
    proxy = server.proxy("127.0.0.1:9")
    wanted = [{"name": "p", "upstream": echoing.address, "listen": proxy.listen}]

    assert server.call("POST", "/populate", wanted).status == 201

    with proxy.connect() as client:
        client.sendall(b"hello")
        assert exactly(client, 5) == b"hello"
