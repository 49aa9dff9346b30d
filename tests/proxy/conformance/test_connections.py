"""What happens to open connections, on our server and on the real one."""

import socket
import time
from typing import Any

import pytest

from tests.proxy.original import running_original
from tests.proxy.running import Proxied, Server, settled
from tests.proxy.upstreams import Upstream, close, exactly, rest, says, upstream

SILENCE = 0.15
"""Seconds of silence that are seen as one."""


def heard(client: socket.socket, data: bytes = b"hello") -> str:
    """Send something through the echo, and return what comes of it."""
    client.settimeout(2)
    try:
        client.sendall(data)
        return "echo" if exactly(client, len(data)) == data else "closed"
    except TimeoutError:
        return "silence"
    except ConnectionError:
        return "reset"


def ended(client: socket.socket) -> bool:
    """Tell whether a connection is over, one way or the other."""
    client.settimeout(2)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def quiet(client: socket.socket) -> bool:
    """Tell whether nothing comes for a while, no end either."""
    client.settimeout(SILENCE)
    try:
        client.recv(1)
    except TimeoutError:
        return True
    return False


def took(client: socket.socket, data: bytes = b"hello") -> float:
    """Return how long an echo takes."""
    began = time.monotonic()
    assert heard(client, data) == "echo"
    return time.monotonic() - began


def connects(proxy: Proxied) -> bool:
    try:
        proxy.connect().close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize(
    "change",
    [{}, {"enabled": True}, {"name": "other"}, {"listen": "{listen}"}],
    ids=str,
)
def test_a_change_that_is_none_leaves_connections_open(
    through: Proxied, change: dict[str, Any]
) -> None:
    body = {key: through.listen if key == "listen" else change[key] for key in change}
    with through.connect() as client:
        assert heard(client) == "echo"

        assert through.server.call("PATCH", through.path, body).status == 200

        assert heard(client) == "echo"


@pytest.mark.parametrize(
    "change",
    [{"enabled": False}, {"upstream": "127.0.0.1:9"}, {"listen": "127.0.0.1:0"}],
    ids=str,
)
def test_a_change_ends_open_connections(
    through: Proxied, change: dict[str, Any]
) -> None:
    with through.connect() as client:
        assert heard(client) == "echo"

        through.server.call("POST", through.path, change)

        assert ended(client)


def test_a_deleted_proxy_ends_its_connections_and_gives_its_port_back(
    through: Proxied,
) -> None:
    with through.connect() as client:
        assert heard(client) == "echo"

        through.server.call("DELETE", through.path)

        assert ended(client)
    socket.create_server(through.address).close()


def test_a_disabled_proxy_refuses_and_comes_back_where_it_was(
    through: Proxied,
) -> None:
    through.add("latency", latency=50)

    through.server.call("PATCH", through.path, {"enabled": False})
    refused = not connects(through)
    back = through.server.call("PATCH", through.path, {"enabled": True}).json

    assert refused
    assert back["listen"] == through.listen
    with through.connect() as client:
        assert took(client) >= 0.05


@pytest.mark.parametrize("differs", [False, True])
def test_populate_ends_connections_where_something_differs(
    through: Proxied, echoing: Upstream, *, differs: bool
) -> None:
    body = [
        {
            "name": through.name,
            "listen": through.listen,
            "upstream": "127.0.0.1:9" if differs else echoing.address,
        }
    ]
    through.add("latency", latency=50)
    with through.connect() as client:
        assert heard(client) == "echo"

        answer = through.server.call("POST", "/populate", body)

        assert answer.status == 201
        kept = len(answer.json["proxies"][0]["toxics"])
        assert (ended(client), kept) == (True, 0) if differs else (False, 1)


def test_reset_takes_toxics_off_open_connections(through: Proxied) -> None:
    with through.connect() as client:
        through.add("latency", latency=1000)
        assert took(client) >= 1.0

        assert through.server.call("POST", "/reset").status == 204

        assert took(client) < 1.0
    assert through.toxics() == []


def test_a_toxic_holds_for_open_connections_until_it_is_changed_or_removed(
    through: Proxied,
) -> None:
    with through.connect() as client:
        assert took(client) < 0.5
        name = through.add("latency", "upstream", latency=500)
        slow = took(client)
        through.update(name, latency=1000)
        slower = took(client)
        through.remove(name)

        assert 0.5 <= slow < 1.0 <= slower
        assert took(client) < 0.5


def test_toxics_of_both_streams_add_up(through: Proxied) -> None:
    through.add("latency", "upstream", latency=40)
    through.add("latency", "downstream", latency=40)
    through.add("latency", "downstream", more={"name": "again"}, latency=40)

    with through.connect() as client:
        assert took(client) >= 0.12


def test_toxics_work_in_the_order_in_which_they_were_added(through: Proxied) -> None:
    """What the first one stops, the second one never sees."""
    through.add("timeout", "upstream", timeout=0)
    through.add("limit_data", "upstream", bytes=1)

    with through.connect() as client:
        client.sendall(b"hello")

        assert quiet(client)


def test_timeout_swallows_and_closes_in_the_end(through: Proxied) -> None:
    through.add("timeout", timeout=200)
    with through.connect() as client:
        began = time.monotonic()
        client.sendall(b"hello")

        assert ended(client)
        assert time.monotonic() - began >= 0.15


def test_timeout_of_0_is_silent_until_it_is_removed_which_closes(
    through: Proxied,
) -> None:
    name = through.add("timeout", timeout=0)
    with through.connect() as client:
        client.sendall(b"hello")
        assert quiet(client)

        through.remove(name)

        assert ended(client)


def test_limit_data_lets_so_many_bytes_through_then_closes(through: Proxied) -> None:
    through.add("limit_data", bytes=7)

    with through.connect() as client:
        client.sendall(b"hello world")

        assert rest(client) == b"hello w"


def test_reset_peer_resets(through: Proxied) -> None:
    through.add("reset_peer", timeout=0)

    with through.connect() as client:
        assert heard(client) == "reset"


def test_slow_close_holds_the_end_back(target: Server) -> None:
    with upstream(says(b"bye")) as made:
        proxy = target.proxy(made.address)
        proxy.add("slow_close", delay=200)
        with proxy.connect() as client:
            began = time.monotonic()

            assert rest(client) == b"bye"
            assert time.monotonic() - began >= 0.19


def test_slicer_brings_everything_in_pieces(through: Proxied) -> None:
    through.add("slicer", average_size=10, size_variation=2, delay=2000)
    data = bytes(range(100))

    with through.connect() as client:
        began = time.monotonic()
        client.sendall(data)

        assert exactly(client, 100) == data
        assert time.monotonic() - began >= 0.01


def test_bandwidth_slows_down(through: Proxied) -> None:
    through.add("bandwidth", rate=100)

    with through.connect() as client:
        assert took(client, bytes(30_000)) >= 0.2


@pytest.mark.parametrize("toxicity", [0, 1])
def test_toxicity_says_whom_a_toxic_meets(through: Proxied, toxicity: int) -> None:
    through.add("latency", more={"toxicity": toxicity}, latency=100)

    with through.connect() as client:
        assert (took(client) >= 0.1) == (toxicity == 1)


def test_an_upstream_that_is_not_there_ends_the_client(target: Server) -> None:
    proxy = target.proxy("127.0.0.1:9")

    with proxy.connect() as client:
        assert ended(client)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "localhost:0", ":0", "[::1]:0"])
def test_a_proxy_listens_where_it_is_told(
    target: Server, echoing: Upstream, listen: str
) -> None:
    made = target.call(
        "POST", "/proxies", {"name": "x", "listen": listen, "upstream": echoing.address}
    ).json["listen"]
    host, _, port = made.rpartition(":")
    reached = host.strip("[]") or "::"
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET

    with socket.socket(kind) as client:
        client.settimeout(5)
        client.connect((reached, int(port)))

        assert heard(client) == "echo"


def test_an_end_ends_one_direction_with_us_alone(target: Server, *, ours: bool) -> None:
    """`half-closed connections`."""

    def answers_late(client: socket.socket) -> None:
        asked = rest(client)
        time.sleep(0.1)
        client.sendall(asked.upper())
        client.shutdown(socket.SHUT_WR)

    with upstream(answers_late) as made, target.proxy(made.address).connect() as client:
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)

        assert rest(client) == (b"HELLO" if ours else b"")


def test_a_reset_is_a_reset_with_us_alone(target: Server, *, ours: bool) -> None:
    """`resets`."""

    def resets(client: socket.socket) -> None:
        exactly(client, 5)
        close(client, reset=True)

    with upstream(resets) as made, target.proxy(made.address).connect() as client:
        assert heard(client) == ("reset" if ours else "closed")


def test_toxicity_is_drawn_once_by_us_alone(through: Proxied, *, ours: bool) -> None:
    """`toxicity`."""
    name = through.add("latency", more={"toxicity": 0.5}, latency=30)
    slow = set()
    with through.connect() as client:
        for latency in range(30, 50):
            through.update(name, latency=latency)
            slow.add(took(client) >= 0.03)

    assert len(slow) == (1 if ours else 2)


def test_a_negative_rate_ends_toxiproxy_alone(through: Proxied, *, ours: bool) -> None:
    """`toxics that end the server`."""
    through.add("bandwidth", rate=-1)
    with through.connect() as client:
        client.sendall(b"hello")
        if not ours:
            assert through.server.process.wait(5) == 2

    if ours:
        assert through.server.call("GET", "/version").status == 200


def test_a_client_that_reads_nothing_stops_the_api_of_toxiproxy_alone(
    target: Server, *, ours: bool
) -> None:
    """`an API that never hangs`."""
    sent = [0]

    def talks(client: socket.socket) -> None:
        while True:
            sent[0] += client.send(bytes(65536))

    with upstream(talks) as made:
        proxy = target.proxy(made.address)
        with proxy.connect():
            assert settled(lambda: sent[0])

            with socket.create_connection(("127.0.0.1", target.port)) as api:
                api.settimeout(1)
                body = b'{"type":"latency"}'
                head = f"POST {proxy.path}/toxics HTTP/1.1\r\nHost: x\r\n"
                api.sendall(
                    f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
                )
                try:
                    answered = api.recv(12) == b"HTTP/1.1 200"
                except TimeoutError:
                    answered = False

    assert answered == ours


def counters(server: Server, listen: str) -> list[str]:
    """Return the counters of bytes, the port left out."""
    text = server.call("GET", "/metrics").body.decode().replace(listen, "LISTEN")
    return sorted(one for one in text.splitlines() if one.startswith("toxiproxy"))


def test_metrics_say_the_same_once_a_connection_is_over(
    server: Server, echoing: Upstream
) -> None:
    said = []
    with running_original("-proxy-metrics") as original:
        for one in (server, original):
            proxy = one.proxy(echoing.address)
            with proxy.connect() as client:
                assert heard(client) == "echo"
                client.shutdown(socket.SHUT_WR)
                assert ended(client)
            counted = settled(lambda: counters(one, proxy.listen))  # noqa: B023
            said.append(counted)

    assert said[0] == said[1] != []


def test_bytes_are_counted_while_a_connection_is_open_by_us_alone(
    server: Server, echoing: Upstream
) -> None:
    """`metrics`."""
    with running_original("-proxy-metrics") as original:
        for one, counts in ((server, 4), (original, 0)):
            proxy = one.proxy(echoing.address)
            with proxy.connect() as client:
                assert heard(client) == "echo"

                assert len(counters(one, proxy.listen)) == counts
