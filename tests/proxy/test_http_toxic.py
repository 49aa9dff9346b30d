"""The `http` toxic over real sockets, with a real client and a real server."""

import http.client
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.proxy.running import Proxied, Server, settled, until
from tests.proxy.sites import BODY, Site, ask, browsing, fetch, site, spoil
from tests.proxy.test_toxics import round_trip
from tests.proxy.upstreams import exactly, rest

WEEK = 7 * 24 * 3600 * 1000


@pytest.fixture(scope="module")
def served() -> Iterator[Site]:
    with site() as made:
        yield made


@pytest.fixture
def shop(served: Site) -> Site:
    """Give a site that has not been asked anything yet."""
    served.asked.clear()
    return served


@pytest.fixture
def proxied(server: Server, shop: Site) -> Proxied:
    return server.proxy(shop.address)


def test_a_status_is_answered_and_the_site_is_not_asked(
    proxied: Proxied, shop: Site
) -> None:
    spoil(proxied, status=503, body="closed", headers={"Retry-After": "7"})

    answer = fetch(proxied, "/buy", "POST", b"one")

    assert (answer.status, answer.body) == (503, b"closed")
    assert answer.headers["Retry-After"] == "7"
    assert shop.asked == []


def test_after_the_site_has_done_it_the_answer_is_lost(
    proxied: Proxied, shop: Site
) -> None:
    """The nastiest case: the order is placed, and the customer is told it is not."""
    spoil(proxied, status=500, when="after")

    with browsing(proxied) as client:
        answers = [ask(client, "/buy", "POST", b"one") for _ in range(2)]

    assert [(one.status, one.body) for one in answers] == [(500, b"")] * 2
    assert shop.asked == ["POST /buy"] * 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_one_connection_goes_on_from_answer_to_answer(
    proxied: Proxied, shop: Site, method: str
) -> None:
    spoil(proxied, path="/bad*", status=404)

    with browsing(proxied) as client:
        statuses = [
            ask(client, path, method).status
            for path in ["/bad/1", "/good", "/bad/2?q=/good", "/good/bad", "/bad"]
        ]
        assert proxied.stats()["accepted"] == 1

    assert statuses == [404, 200, 404, 200, 404]
    assert shop.asked == [f"{method} /good", f"{method} /good/bad"]


def test_pipelined_requests_are_answered_in_their_order(
    proxied: Proxied, shop: Site
) -> None:
    spoil(proxied, path="/bad", status=503, body="no", delay=50)
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"
        for path in ["/1", "/bad", "/2", "/bad", "/3"]
    ]
    with proxied.connect() as client:
        client.sendall("".join(requests).encode())
        last = b"GET /4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        client.sendall(last)

        said = rest(client)

    statuses = re.findall(rb"HTTP/1\.1 (\d+)", said)
    assert statuses == [b"200", b"503", b"200", b"503", b"200", b"200"]
    assert shop.asked == ["GET /1", "GET /2", "GET /3", "GET /4"]


@pytest.mark.parametrize(
    ("of", "harmed"),
    [
        ({"method": "POST"}, ["POST /a", "POST /b"]),
        ({"method": "post, PUT"}, ["POST /a", "PUT /a", "POST /b"]),
        ({"path": "/a"}, ["GET /a", "POST /a", "PUT /a"]),
        ({"path": "/?", "method": "GET"}, ["GET /a", "GET /b"]),
        ({"host": "127.0.0.*"}, ["GET /a", "POST /a", "PUT /a", "GET /b", "POST /b"]),
        ({"host": "127.0.0.1:*", "path": "*b"}, ["GET /b", "POST /b"]),
        ({"host": "elsewhere"}, []),
        ({"path": "/A"}, []),
    ],
)
def test_only_requests_are_harmed_that_it_is_for(
    proxied: Proxied, of: dict[str, str], harmed: list[str]
) -> None:
    spoil(proxied, status=418, **of)
    requests = ["GET /a", "POST /a", "PUT /a", "GET /b", "POST /b"]

    with browsing(proxied) as client:
        seen = [
            one
            for one in requests
            if ask(client, one.split()[1], one.split()[0], b"x").status == 418
        ]

    assert seen == harmed


def test_a_request_waits_before_the_site_gets_it(proxied: Proxied, shop: Site) -> None:
    name = spoil(proxied, delay=WEEK)
    with proxied.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        until(lambda: proxied.effects(name)["connections"] == 1)
        assert shop.asked == []

        proxied.remove(name)

        assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_an_answer_waits_after_the_site_has_given_it(
    proxied: Proxied, shop: Site
) -> None:
    name = spoil(proxied, delay=WEEK, when="after")
    with proxied.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        until(lambda: proxied.effects(name)["connections"] == 1)
        assert shop.asked == ["GET /"]

        proxied.remove(name)

        assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_a_delay_is_as_long_as_it_says(proxied: Proxied) -> None:
    name = spoil(proxied, path="/slow", delay=150)
    with browsing(proxied) as client:
        ask(client, "/quick")
        began = time.monotonic()
        ask(client, "/slow")

        assert 0.15 <= time.monotonic() - began < 2
    assert proxied.effects(name)["delayed_seconds"] == pytest.approx(0.15, abs=0.1)


@pytest.mark.parametrize("path", ["/", "/chunked"])
def test_a_body_is_replaced_and_the_rest_stays(proxied: Proxied, path: str) -> None:
    spoil(proxied, body='{"price": null}', headers={"Content-Type": "text/x"})

    with browsing(proxied) as client:
        answers = [ask(client, path) for _ in range(2)]

    for answer in answers:
        assert (answer.status, answer.body) == (200, b'{"price": null}')
        assert answer.headers["X-Kept"] == "as it is"
        assert answer.headers["Content-Type"] == "text/x"
        assert answer.headers["Content-Length"] == "15"


def test_a_header_is_removed_where_it_is_empty(proxied: Proxied) -> None:
    spoil(proxied, headers={"X-Kept": "", "X-New": "1"})

    answer = fetch(proxied, "/")

    assert "X-Kept" not in answer.headers
    assert answer.headers["X-New"] == "1"
    assert answer.body == BODY


def test_a_body_is_truncated_and_the_connection_closed(proxied: Proxied) -> None:
    name = spoil(proxied, truncate=10)

    with browsing(proxied) as client, pytest.raises(http.client.IncompleteRead) as cut:
        ask(client, "/")

    assert cut.value.partial == BODY[:10]
    assert proxied.effects(name)["closed"] == 1
    assert proxied.effects(name)["dropped_bytes"] == len(BODY) - 10


def test_a_body_in_chunks_is_truncated_in_the_middle_of_one(proxied: Proxied) -> None:
    spoil(proxied, truncate=10)
    with proxied.connect() as client:
        client.sendall(b"GET /chunked HTTP/1.1\r\nHost: x\r\n\r\n")

        assert rest(client).endswith(b"\r\n384\r\nThe quick ")


@pytest.mark.parametrize("path", ["/", "/chunked"])
def test_some_bytes_of_a_body_are_corrupted(proxied: Proxied, path: str) -> None:
    spoil(proxied, corrupt=0.1)

    answer = fetch(proxied, path)

    assert len(answer.body) == len(BODY)
    wrong = sum(a != b for a, b in zip(answer.body, BODY, strict=True))
    assert 0.03 * len(BODY) < wrong < 0.2 * len(BODY)


def test_a_client_that_waits_for_100_continue_is_answered_without_its_body(
    proxied: Proxied, shop: Site
) -> None:
    spoil(proxied, status=403)
    with proxied.connect() as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )

        said = rest(client)

    assert said.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"Connection: close\r\n" in said
    assert shop.asked == []


def test_100_continue_passes_before_an_answer_that_is_replaced(
    proxied: Proxied, shop: Site
) -> None:
    spoil(proxied, status=403, when="after")
    with proxied.connect() as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert exactly(client, 25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")

        assert client.recv(22) == b"HTTP/1.1 403 Forbidden"
    assert shop.asked == ["POST /"]


def test_after_an_upgrade_all_passes(proxied: Proxied) -> None:
    """Even what looks like a request that is to be harmed."""
    spoil(proxied, method="GET", path="/bad", status=503)
    bad = b"GET /bad HTTP/1.1\r\nHost: x\r\n\r\n"
    with proxied.connect() as client:
        client.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\n\r\n")
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += client.recv(1)
        assert said.startswith(b"HTTP/1.1 101 ")

        round_trip(client, bad)
        round_trip(client, b"\0\xff anything")


def test_an_upgrade_that_is_not_granted_is_an_answer_like_others(
    proxied: Proxied,
) -> None:
    spoil(proxied, path="/ws", status=400)
    with browsing(proxied) as client:
        client.request("GET", "/ws", headers={"Upgrade": "echo"})
        answer = client.getresponse()
        answer.read()

        assert answer.status == 400
        assert ask(client, "/").status == 200


@pytest.mark.parametrize(
    "said",
    [
        b"*1\r\n$4\r\nPING\r\n",
        b"PING\r\n",
        b"\x16\x03\x01\x02\0",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"get key\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_is_not_http_passes_untouched_and_is_counted(
    proxy: Proxied, said: bytes
) -> None:
    """The upstream says everything back, which is no answer either."""
    name = spoil(proxy, status=503)
    with proxy.connect() as client:
        round_trip(client, said)
        round_trip(client, said)

    done = proxy.effects(name)
    assert done["not_http"] == 1
    assert done["connections"] == 0


def test_a_server_that_speaks_first_is_heard(server: Server) -> None:
    from tests.proxy.upstreams import says, upstream  # noqa: PLC0415 - only here

    with upstream(says(b"220 mail ready\r\n")) as made:
        proxy = server.proxy(made.address)
        spoil(proxy, status=503)
        with proxy.connect() as client:
            assert rest(client) == b"220 mail ready\r\n"


def test_open_connections_are_harmed_from_their_next_request_on(
    proxied: Proxied,
) -> None:
    with browsing(proxied) as client:
        assert ask(client, "/").status == 200

        name = spoil(proxied, status=503)
        assert ask(client, "/").status == 503
        assert ask(client, "/").status == 503

        proxied.remove(name)
        assert ask(client, "/").status == 200
        assert proxied.stats()["accepted"] == 1


def test_removed_in_the_middle_of_a_request_it_closes(
    proxied: Proxied, shop: Site
) -> None:
    """Half of a request is gone: the site must not get the other half."""
    name = spoil(proxied, status=503)
    with proxied.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\nhalf")
        until(lambda: proxied.effects(name)["dropped_bytes"] > 40)

        proxied.remove(name)

        assert rest(client) == b""
    assert shop.asked == []


def test_a_change_holds_from_the_next_request_on(proxied: Proxied) -> None:
    name = spoil(proxied, status=503)
    with browsing(proxied) as client:
        assert ask(client, "/").status == 503

        proxied.update(name, status=429)

        assert ask(client, "/").status == 429


def seen(proxied: Proxied, times: int, **attributes: Any) -> list[bool]:
    """Say which of so many requests on one connection were harmed."""
    spoil(proxied, status=503, **attributes)
    with browsing(proxied) as client:
        return [ask(client, "/").status == 503 for _ in range(times)]


def test_a_probability_is_drawn_for_each_request(proxied: Proxied) -> None:
    assert 20 < sum(seen(proxied, 100, probability=0.4)) < 60


def test_the_first_requests_are_let_through(proxied: Proxied) -> None:
    assert seen(proxied, 5, skip_requests=2) == [False, False, True, True, True]


def test_the_first_time_is_let_through(proxied: Proxied) -> None:
    spoil(proxied, {"skip_seconds": 2}, status=503)
    with browsing(proxied) as client:
        assert ask(client, "/").status == 200
        time.sleep(2.1)
        assert ask(client, "/").status == 503


def test_it_tells_what_it_has_seen_and_done(proxied: Proxied) -> None:
    name = spoil(proxied, path="/bad", status=503)
    with browsing(proxied) as client:
        for path in ["/", "/bad", "/bad", "/"]:
            ask(client, path)

    done = proxied.effects(name)
    assert (done["requests"], done["matched"]) == (4, 2)
    assert (done["connections"], done["chunks"]) == (1, 2)


def test_it_is_told_of_once_for_each_connection(proxied: Proxied) -> None:
    spoil(proxied, {"toxicity": 0.5}, status=503)
    statuses = [fetch(proxied, "/").status for _ in range(10)]

    records = proxied.server.call("GET", f"{proxied.path}/connections").json

    toxics = [one["toxics"] for one in records]
    assert all(len(one) == 1 for one in toxics)
    assert [one["met"] for (one,) in toxics] == [one == 503 for one in statuses]
    assert {200, 503} == set(statuses)


def test_it_is_listed_once_and_with_all_its_attributes(server: Server) -> None:
    proxy = server.proxy("127.0.0.1:9")
    spoil(proxy, status=503, headers={"A": "b"}, body="é")

    assert proxy.toxics() == [
        {
            "attributes": {
                "method": "",
                "path": "",
                "host": "",
                "probability": 1.0,
                "when": "before",
                "status": 503,
                "delay": 0,
                "jitter": 0,
                "headers": {"A": "b"},
                "body": "é",
            },
            "name": "http_downstream",
            "type": "http",
            "stream": "downstream",
            "toxicity": 1,
        }
    ]


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"status": 99}, "status must be"),
        ({"status": 101}, "status must be"),
        ({"status": 600}, "status must be"),
        ({"probability": 1.1}, "probability must be"),
        ({"corrupt": -0.1}, "corrupt must be"),
        ({"when": "during"}, "when must be one of before, after"),
        ({"truncate": -1}, "truncate must be"),
        ({"skip_requests": -1}, "skip_requests must be"),
        ({"status": 500, "truncate": 1}, "not for a status or body"),
        ({"body": "x", "corrupt": 0.1}, "not for a status or body"),
        ({"headers": {"Content-Length": "1"}}, "follows from the body"),
        ({"headers": {"a b": "1"}}, "is no name of a header"),
        ({"headers": {"a": "1\r\nb: 2"}}, "cannot be"),
        ({"headers": {"a": 1}}, "map[string]string"),
        ({"headers": []}, "map[string]string"),
        ({"distribution": "magic"}, "distribution must be"),
        ({"path": 7}, "of type string"),
    ],
)
def test_what_makes_no_sense_is_refused(
    server: Server, attributes: dict[str, Any], said: str
) -> None:
    proxy = server.proxy("127.0.0.1:9")
    body = {"type": "http", "attributes": attributes}

    answer = server.call("POST", f"{proxy.path}/toxics", body)

    assert answer.status == 400
    assert said in answer.json["error"]
    assert proxy.toxics() == []


def test_a_client_that_asks_and_never_reads_is_read_no_more(proxied: Proxied) -> None:
    """Answers that are made here wait within bounds, however many are asked for."""
    spoil(proxied, status=503, body="x" * 100_000)
    many = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1_000_000
    with proxied.connect() as client:
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.sendall(many)

        read = settled(lambda: proxied.stats()["received_bytes"]["upstream"])
        assert read < len(many) / 10
