"""A thousand proxies, more connections than descriptors, readers that do not read."""

import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.proxy.running import Proxied, Server, running, settled, until
from tests.proxy.upstreams import Upstream, nothing, upstream

FEW = 120
MEBIBYTE = 2**20


@pytest.fixture
def narrow() -> Iterator[Server]:
    """Give a server that may have few descriptors."""
    with running() as server:
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (FEW, FEW))
        yield server


def served(client: socket.socket) -> bool:
    """Tell whether an echo comes back, or else the connection is closed."""
    try:
        client.sendall(b"x")
        return client.recv(1) == b"x"
    except ConnectionError:
        return False


def test_past_the_descriptors_connections_are_refused_and_the_api_answers(
    narrow: Server, echoing: Upstream
) -> None:
    proxy = narrow.proxy(echoing.address)
    with ExitStack() as scope:
        clients = [scope.enter_context(proxy.connect()) for _ in range(FEW)]

        answers = [served(one) for one in clients]

        assert 30 < sum(answers) < FEW / 2
        assert narrow.call("GET", "/proxies").status == 200
    until(lambda: proxy.stats()["open"] == 0)
    with proxy.connect() as client:
        assert served(client)
    narrow.process.terminate()
    assert narrow.process.stderr is not None
    said = narrow.process.stderr.read().decode()
    assert said.count(f"refuses connections: all {FEW} descriptors are taken") == 1


def test_past_the_descriptors_proxies_are_refused_as_by_toxiproxy(
    narrow: Server,
) -> None:
    body = [
        {"name": f"p{n}", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}
        for n in range(FEW)
    ]

    answer = narrow.call("POST", "/populate", body)

    assert answer.status == 500
    assert answer.json["error"] == "listen tcp 127.0.0.1:0: socket: too many open files"
    made = narrow.call("GET", "/proxies").json
    assert 80 < len(made) < FEW
    assert narrow.call("DELETE", "/proxies/p0").status == 204
    narrow.proxy("127.0.0.1:9", "another")


def test_a_thousand_proxies_are_made_used_and_removed(
    server: Server, echoing: Upstream
) -> None:
    body = [
        {"name": f"p{n}", "upstream": echoing.address, "listen": "127.0.0.1:0"}
        for n in range(1000)
    ]

    made = server.call("POST", "/populate", body).json["proxies"]

    assert len({one["listen"] for one in made}) == 1000
    for one in made[::97]:
        with Proxied(server, one["name"], one["listen"]).connect() as client:
            assert served(client)
    assert len(server.call("GET", "/proxies").json) == 1000
    server.empty()
    with pytest.raises(ConnectionRefusedError):
        Proxied(server, "gone", made[0]["listen"]).connect()


def resident(server: Server) -> float:
    """Return the bytes of memory that a server has."""
    fields = Path(f"/proc/{server.process.pid}/statm").read_text("ascii").split()
    return int(fields[1]) * resource.getpagesize()


@pytest.mark.parametrize(
    ("toxic", "bound"),
    [
        (None, 1),
        (("noop", {}), 1),
        (("slicer", {"average_size": 4000}), 1),
        (("bandwidth", {"rate": 10**12}), 10),
        (("latency", {"latency": 1}), 36),
    ],
    ids=str,
)
def test_a_reader_that_does_not_read_never_grows_memory_without_bound(
    toxic: tuple[str, dict[str, int]] | None, bound: int
) -> None:
    with running() as server, upstream(nothing) as silent, ExitStack() as scope:
        proxy = server.proxy(silent.address)
        if toxic:
            proxy.add(toxic[0], "upstream", **toxic[1])
        before = resident(server)
        clients = [scope.enter_context(proxy.connect()) for _ in range(4)]

        given = sum(stuffed(one) for one in clients)

        assert given > 4 * MEBIBYTE
        assert resident(server) - before < (8 + bound * len(clients)) * MEBIBYTE
        passed = settled(lambda: proxy.stats()["received_bytes"]["upstream"])
        assert passed < given


def stuffed(client: socket.socket) -> int:
    """Send until nobody takes any more; return how much that was."""
    client.settimeout(0.5)
    sent, much = 0, bytes(MEBIBYTE)
    with suppress(TimeoutError):
        while sent < 300 * MEBIBYTE:
            sent += client.send(much)
    return sent


def test_the_server_asks_to_be_woken_when_it_is_time_and_not_later() -> None:
    say = "print(open('/proc/self/timerslack_ns').read())"
    code = f"from chaos_mcp.proxy.limits import be_punctual; be_punctual(); {say}"

    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "1"
