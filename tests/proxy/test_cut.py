"""Cut after a time, whether data flows or not."""

import contextlib
import threading
import time
from collections.abc import Callable

import pytest

from chaos_mcp.proxy.toxics import at_work
from chaos_mcp.proxy.toxics.place import Place
from tests.proxy.running import Proxied, Server, until
from tests.proxy.stages import toxic
from tests.proxy.test_toxics import WEEK, round_trip, silent
from tests.proxy.upstreams import nothing, rest, says, upstream


def cut(proxy: Proxied, after: int, **more: str) -> str:
    return proxy.add("cut", more={"attributes": {"after": after, **more}})


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_a_silent_connection_is_cut_in_time(proxy: Proxied, stream: str) -> None:
    with proxy.connect() as client:
        round_trip(client)
        began = time.monotonic()
        proxy.add("cut", stream, after=150)

        assert rest(client) == b""

        assert 0.15 <= time.monotonic() - began < 2


def test_a_busy_connection_is_cut_as_well(proxy: Proxied) -> None:
    """Where `timeout` would wait for silence."""
    cut(proxy, 200)
    began = time.monotonic()
    with proxy.connect() as client, contextlib.suppress(OSError):
        while True:
            client.sendall(b"x")
            if not client.recv(1):
                break
            assert time.monotonic() - began < 5

    assert time.monotonic() - began >= 0.2


def test_until_then_all_passes_at_once(proxy: Proxied) -> None:
    name = cut(proxy, WEEK)
    with proxy.connect() as client:
        for _ in range(5):
            round_trip(client)

    assert proxy.effects(name)["connections"] == 0


def test_it_can_be_a_reset(proxy: Proxied) -> None:
    cut(proxy, 50, by="reset")

    with proxy.connect() as client, pytest.raises(ConnectionResetError):
        client.recv(1)


def test_a_connection_is_cut_whose_client_takes_nothing(server: Server) -> None:
    with upstream(says(bytes(30_000_000))) as made:
        proxy = server.proxy(made.address)
        cut(proxy, 200)
        with proxy.connect():
            assert until(lambda: proxy.stats()["open"] == 1)

            assert until(lambda: proxy.stats()["open"] == 0)


@pytest.mark.parametrize(
    ("since", "began", "due"),
    [
        ("toxic", 40.0, 100.2),
        ("connection", 40.0, 100.0),
        ("connection", 99.9, 100.1),
    ],
)
def test_the_time_begins_with_the_toxic_or_with_the_connection(
    since: str, began: float, due: float
) -> None:
    """A connection that is older than its time is cut at once."""
    timers: list[float] = []
    ends: list[bool] = []

    class Later:
        def __init__(self, at: float, work: Callable[[], None]) -> None:
            timers.append(at)
            work()

        def cancel(self) -> None:
            """Be too late."""

    def end(*, reset: bool) -> None:
        ends.append(reset)

    place = Place(began=began, later=Later, end=end)
    one = at_work(toxic("cut", after=200, since=since, by="reset"), place)

    one.begin(100.0)

    assert timers == [pytest.approx(due)]
    assert ends == [True]
    assert one.has_closed


def test_since_the_connection_an_old_one_is_cut(proxy: Proxied) -> None:
    with proxy.connect() as old:
        round_trip(old)

        cut(proxy, 1, since="connection")

        assert rest(old) == b""


def test_all_open_connections_are_cut_at_the_same_moment(proxy: Proxied) -> None:
    clients = [proxy.connect() for _ in range(20)]
    for client in clients:
        round_trip(client)
    ends: list[float] = []

    def wait(number: int) -> None:
        rest(clients[number])
        ends.append(time.monotonic())

    threads = [threading.Thread(target=wait, args=(n,)) for n in range(len(clients))]
    for thread in threads:
        thread.start()
    cut(proxy, 100)
    for thread in threads:
        thread.join(10)

    assert len(ends) == len(clients)
    assert max(ends) - min(ends) < 2
    for client in clients:
        client.close()


def test_removed_in_time_it_cuts_nothing(proxy: Proxied) -> None:
    name = cut(proxy, 150)
    with proxy.connect() as client:
        round_trip(client)

        proxy.remove(name)

        assert silent(client, 0.3)
        round_trip(client)


def test_an_update_sets_the_time_anew(proxy: Proxied) -> None:
    name = cut(proxy, WEEK)
    with proxy.connect() as client:
        round_trip(client)

        proxy.update(name, after=50)

        assert rest(client) == b""


def test_what_it_cut_is_counted(server: Server) -> None:
    with upstream(nothing) as made:
        proxy = server.proxy(made.address)
        name = cut(proxy, 30)
        for _ in range(3):
            with proxy.connect() as client:
                assert rest(client) == b""

        done = proxy.effects(name)
        assert (done["connections"], done["closed"]) == (3, 3)


@pytest.mark.parametrize("key", ["by", "since"])
def test_words_that_there_are_not_are_refused(server: Server, key: str) -> None:
    proxy = server.proxy("127.0.0.1:9")
    body = {"type": "cut", "attributes": {key: "magic"}}

    answer = server.call("POST", f"{proxy.path}/toxics", body)

    assert answer.status == 400
    assert f"{key} must be one of" in answer.json["error"]
