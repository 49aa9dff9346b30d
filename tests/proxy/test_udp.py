"""Proxies of UDP, with a server behind them that answers every datagram."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import anyio
import pytest

from chaos_mcp.proxy.datagrams import port as ports
from chaos_mcp.proxy.datagrams import session as sessions
from chaos_mcp.proxy.proxy import Proxy
from tests.proxy.running import PATIENCE, Proxied, Server, until

SILENCE = 1.0
"""Seconds of silence that are seen as one."""


@dataclass
class Answering:
    """A server that answers each datagram with the same, and who asked."""

    address: str
    clients: set[tuple[str, int]] = field(default_factory=set)


@pytest.fixture(scope="module")
def answering() -> Iterator[Answering]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        made = Answering(f"127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=_answer, args=(server, made))
        thread.start()
        yield made
        server.sendto(b"", server.getsockname())
        thread.join(PATIENCE)


def _answer(server: socket.socket, made: Answering) -> None:
    while True:
        data, client = server.recvfrom(65536)
        if not data:
            return
        made.clients.add(client)
        server.sendto(data, client)


@pytest.fixture
def udp(server: Server, answering: Answering) -> Proxied:
    """Give a proxy of datagrams."""
    return server.proxy(answering.address, listen="udp://127.0.0.1:0")


@contextlib.contextmanager
def client(proxy: Proxied) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(PATIENCE)
        one.connect(("127.0.0.1", int(proxy.listen.rpartition(":")[2])))
        yield one


def asked(one: socket.socket, *sent: bytes, answers: int = 1) -> list[bytes]:
    """Send datagrams; return so many answers to each."""
    for data in sent:
        one.send(data)
    return [one.recv(65536) for _ in range(answers * len(sent))]


def trickled(one: socket.socket, *sent: bytes) -> list[bytes]:
    """Send datagrams; return all that comes back until nothing does for a while."""
    for data in sent:
        one.send(data)
    heard = []
    one.settimeout(SILENCE)
    with contextlib.suppress(TimeoutError):
        while True:
            heard.append(one.recv(65536))
    one.settimeout(PATIENCE)
    return heard


NUMBERED = [b"%03d" % number for number in range(200)]


def test_datagrams_pass_both_ways_as_they_are(udp: Proxied) -> None:
    sent = [b"x", bytes(1400), bytes(9000), b"last"]

    with client(udp) as one:
        assert asked(one, *sent) == sent

    assert udp.listen.startswith("udp://127.0.0.1:")
    traffic = udp.stats()
    assert traffic["received_bytes"]["upstream"] == sum(map(len, sent))
    assert traffic["sent_bytes"]["downstream"] == sum(map(len, sent))


def test_each_client_has_a_session_of_its_own(
    udp: Proxied, answering: Answering
) -> None:
    before = len(answering.clients)
    with client(udp) as one, client(udp) as other:
        one.send(b"one")
        other.send(b"other")

        assert (one.recv(10), other.recv(10)) == (b"one", b"other")

    assert len(answering.clients) - before == 2
    assert udp.stats()["accepted"] == 2


def test_the_upstream_may_be_written_with_or_without_its_kind(
    server: Server, answering: Answering
) -> None:
    proxy = server.proxy(f"udp://{answering.address}", listen="udp://localhost:0")

    with client(proxy) as one:
        assert asked(one, b"hello") == [b"hello"]


def test_latency_delays_and_keeps_the_order(udp: Proxied) -> None:
    name = udp.add("latency", latency=60, jitter=40)

    with client(udp) as one:
        assert asked(one, *NUMBERED[:20]) == NUMBERED[:20]

    assert udp.effects(name)["delayed_seconds"] >= 20 * 0.02


def test_loss_loses_some_and_the_same_ones_again(
    server: Server, answering: Answering
) -> None:
    heard = []
    for _ in range(2):
        server.empty()
        proxy = server.proxy(answering.address, listen="udp://127.0.0.1:0")
        proxy.add("loss", more={"attributes": {"loss": 0.5}})
        with client(proxy) as one:
            heard.append(trickled(one, *NUMBERED[:40]))

    assert 0 < len(heard[0]) < 40
    assert heard[0] == heard[1]


def test_duplicate_sends_twice(udp: Proxied) -> None:
    udp.add("duplicate", "upstream", more={"attributes": {"probability": 1}})

    with client(udp) as one:
        assert asked(one, b"a", b"b", answers=2) == [b"a", b"a", b"b", b"b"]


def test_reorder_has_later_ones_overtake(udp: Proxied) -> None:
    given = {"attributes": {"probability": 0.5, "delay": 100}}
    udp.add("reorder", more=given)

    with client(udp) as one:
        heard = asked(one, *NUMBERED[:20])

    assert sorted(heard) == NUMBERED[:20] != heard


def test_corrupt_turns_one_bit_over(udp: Proxied) -> None:
    udp.add("corrupt", more={"attributes": {"probability": 1}})

    with client(udp) as one:
        [heard] = asked(one, bytes(100))

    assert sum(byte.bit_count() for byte in heard) == 1
    assert len(heard) == 100


def test_bandwidth_paces(udp: Proxied) -> None:
    name = udp.add("bandwidth", rate=100)

    with client(udp) as one:
        assert asked(one, *[bytes(1000)] * 10) == [bytes(1000)] * 10

    assert udp.effects(name)["delayed_seconds"] >= 0.2


def test_limit_data_lets_so_many_bytes_of_a_session_through(udp: Proxied) -> None:
    name = udp.add("limit_data", bytes=250)

    with client(udp) as one, client(udp) as other:
        assert trickled(one, *[bytes(100)] * 4) == [bytes(100)] * 2
        assert asked(other, b"x") == [b"x"]

    assert udp.effects(name)["dropped_bytes"] == 200


def test_timeout_swallows_until_it_is_removed(udp: Proxied) -> None:
    with client(udp) as one:
        name = udp.add("timeout", timeout=0)
        silent = trickled(one, b"lost")
        udp.remove(name)

        assert (silent, asked(one, b"back")) == ([], [b"back"])


def test_what_waits_in_a_toxic_that_is_removed_goes_on_at_once(udp: Proxied) -> None:
    name = udp.add("latency", latency=3_600_000)
    with client(udp) as one:
        assert trickled(one, b"held") == []

        udp.remove(name)

        assert one.recv(10) == b"held"


def test_toxicity_is_drawn_once_a_session(udp: Proxied) -> None:
    udp.add("timeout", more={"toxicity": 0.5}, timeout=0)
    came = set()

    for _ in range(10):
        with client(udp) as one:
            came.add(len(trickled(one, b"x", b"y", b"z")))

    assert came == {0, 3}


def test_what_may_wait_is_bounded(udp: Proxied) -> None:
    name = udp.add("latency", "upstream", latency=3_600_000)
    with client(udp) as one:

        def dropped() -> int:
            one.send(bytes(9000))
            return int(udp.effects(name)["dropped_bytes"])

        assert until(dropped)


@pytest.mark.parametrize("kind", ["slicer", "slow_close", "reset_peer", "cut", "http"])
def test_toxics_of_streams_are_refused(udp: Proxied, kind: str) -> None:
    body = {"type": kind}

    answer = udp.server.call("POST", f"{udp.path}/toxics", body)

    assert answer.status == 400
    if kind in ("slicer", "slow_close", "reset_peer"):
        assert answer.json["error"] == f"{kind} is not for datagrams"
    assert udp.toxics() == []


@pytest.mark.parametrize("kind", ["duplicate", "reorder", "corrupt"])
def test_toxics_of_datagrams_are_refused_for_streams(proxy: Proxied, kind: str) -> None:
    answer = proxy.server.call("POST", f"{proxy.path}/toxics", {"type": kind})

    assert (answer.status, answer.json["error"]) == (400, f"{kind} is not for streams")


@pytest.mark.parametrize("probability", [-0.1, 1.1])
def test_a_probability_is_one(udp: Proxied, probability: float) -> None:
    body = {"type": "corrupt", "attributes": {"probability": probability}}

    answer = udp.server.call("POST", f"{udp.path}/toxics", body)

    assert answer.status == 400
    assert answer.json["error"] == "probability must be from 0 to 1"


@pytest.mark.parametrize(
    ("listen", "upstream", "why"),
    [
        ("udp://127.0.0.1", "a:1", "listen udp: address 127.0.0.1: missing port"),
        ("udp://127.0.0.1:x", "a:1", "listen udp: lookup tcp/x: unknown port"),
        ("udp://127.0.0.1:0", "unix:/x", "is for datagrams"),
        ("udp://127.0.0.1:0", "nowhere", "missing port in address"),
        ("127.0.0.1:0", "udp://a:1", "is for streams"),
    ],
)
def test_addresses_that_cannot_be_are_said(
    server: Server, listen: str, upstream: str, why: str
) -> None:
    body = {"name": "x", "listen": listen, "upstream": upstream}

    answer = server.call("POST", "/proxies", body)

    assert answer.status == 500
    assert why in answer.json["error"]


def test_a_port_of_datagrams_in_use_is_said(udp: Proxied, server: Server) -> None:
    body = {"name": "x", "listen": udp.listen, "upstream": "127.0.0.1:9"}

    answer = server.call("POST", "/proxies", body)

    where = udp.listen.removeprefix("udp://")
    assert answer.status == 500
    assert answer.json["error"] == f"listen udp {where}: bind: address already in use"


def test_streams_and_datagrams_do_not_become_each_other(
    udp: Proxied, answering: Answering
) -> None:
    proxy = udp.server.proxy(answering.address, "stream")
    for one, listen in ((udp, "127.0.0.1:0"), (proxy, "udp://127.0.0.1:0")):
        answer = one.server.call("PATCH", one.path, {"listen": listen})

        assert answer.status == 400


def test_a_disabled_proxy_is_silent_and_comes_back_where_it_was(udp: Proxied) -> None:
    with client(udp) as one:
        assert asked(one, b"x") == [b"x"]
        udp.server.call("PATCH", udp.path, {"enabled": False})
        with contextlib.suppress(ConnectionRefusedError):
            assert trickled(one, b"lost") == []

        back = udp.server.call("PATCH", udp.path, {"enabled": True}).json

        assert back["listen"] == udp.listen
        assert asked(one, b"back") == [b"back"]


def test_populate_leaves_sessions_alone_or_ends_them(
    udp: Proxied, answering: Answering
) -> None:
    same = {"name": udp.name, "listen": udp.listen, "upstream": answering.address}
    with client(udp) as one:
        assert asked(one, b"x") == [b"x"]
        udp.server.call("POST", "/populate", [same])
        assert udp.stats()["open"] == 1

        answer = udp.server.call("POST", "/populate", [{**same, "upstream": "u:9"}])

    assert answer.status == 201
    assert udp.stats()["open"] == 0


def test_an_upstream_that_is_not_there_is_silence(server: Server) -> None:
    proxy = server.proxy("127.0.0.1:9", listen="udp://127.0.0.1:0")

    with client(proxy) as one:
        assert trickled(one, b"a", b"b", b"c") == []
    assert server.call("GET", "/version").status == 200


def test_more_clients_than_there_may_be_end_the_one_that_is_silent_longest(
    udp: Proxied,
) -> None:
    with client(udp) as first:
        assert asked(first, b"x") == [b"x"]
        with contextlib.ExitStack() as others:
            for _ in range(ports.MOST):
                one = others.enter_context(client(udp))
                one.send(b"x")
                assert one.recv(1) == b"x"

        ended = udp.server.call("GET", f"{udp.path}/stats").json
        assert ended["accepted"] == ports.MOST + 1
        assert ended["open"] == ports.MOST
        assert asked(first, b"again") == [b"again"]


@pytest.mark.anyio
async def test_a_session_that_is_silent_ends(
    monkeypatch: pytest.MonkeyPatch, answering: Answering
) -> None:
    """In a minute; here it is quicker."""
    monkeypatch.setattr(sessions, "IDLE", 0.1)
    proxy = Proxy("p", "udp://127.0.0.1:0", answering.address, seed=0)
    proxy.start()
    host, port = proxy.listen.removeprefix("udp://").split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"x", (host, int(port)))

        with anyio.fail_after(PATIENCE):
            while not proxy.records() or not proxy.records()[0].ended:  # noqa: ASYNC110 - it tells nobody
                await anyio.sleep(0.01)

    assert proxy.records()[0].ended == "idle"
    assert proxy.records()[0].sent == (1, 1)
    proxy.end()
