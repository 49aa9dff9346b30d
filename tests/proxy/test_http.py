"""HTTP as it comes over the wire, also from clients that are odd, slow or stuck."""

import contextlib
import socket
import time

import pytest

from tests.proxy.running import Server

POST = b"POST /populate HTTP/1.1\r\nHost: x\r\n"
VERSION = b'{"version": "2.12.0"}\n'


def say(server: Server, *parts: bytes) -> bytes:
    """Send bytes, part by part, then end; return all that is answered."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        heard = b""
        with contextlib.suppress(OSError):  # the server may have had enough
            for part in parts:
                one.sendall(part)
                time.sleep(0.02)
            one.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while more := one.recv(65536):
                heard += more
        return heard


def test_several_requests_share_a_connection(server: Server) -> None:
    request = b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n"

    heard = say(server, request * 3)

    assert heard.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert heard.count(VERSION) == 3


def test_a_request_may_come_in_pieces(server: Server) -> None:
    heard = say(server, b"GET /ver", b"sion HT", b"TP/1.1\r\nHost: x\r", b"\n\r\n")

    assert heard.endswith(VERSION)


def test_a_client_that_wants_to_close_is_let_go(server: Server) -> None:
    request = b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    heard = say(server, request * 2)

    assert heard.count(b"HTTP/1.1 200 OK") == 1
    assert b"\r\nConnection: close\r\n" in heard


@pytest.mark.parametrize(
    ("asks", "answers"), [(b"", 1), (b"Connection: keep-alive\r\n", 2)]
)
def test_http_1_0_closes_unless_asked_not_to(
    server: Server, asks: bytes, answers: int
) -> None:
    heard = say(server, b"GET /version HTTP/1.0\r\n" + asks + b"\r\n", b"", b"")
    heard_twice = say(server, (b"GET /version HTTP/1.0\r\n" + asks + b"\r\n") * 2)

    assert heard.count(VERSION) == 1
    assert heard_twice.count(VERSION) == answers


def test_a_body_may_come_in_chunks(server: Server) -> None:
    head = b"POST /populate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

    heard = say(server, head, b"1\r\n[\r\n", b"1;why=not\r\n]\r\n", b"0\r\n\r\n")

    assert heard.endswith(b'{"proxies":null}')


def test_trailers_after_the_chunks_are_read_and_ignored(server: Server) -> None:
    head = b"POST /populate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

    heard = say(server, head + b"2\r\n[]\r\n0\r\nTrailer: x\r\n\r\n")

    assert heard.endswith(b'{"proxies":null}')


def test_a_client_that_waits_is_told_to_go_on(server: Server) -> None:
    head = b"POST /populate HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"

    heard = say(server, head + b"Content-Length: 2\r\n\r\n", b"[]")

    assert heard.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created")


def test_a_body_that_is_too_large_is_not_even_read(server: Server) -> None:
    head = b"POST /populate HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n"

    assert say(server, head).startswith(b"HTTP/1.1 413 ")


def test_chunks_that_are_too_large_are_refused(server: Server) -> None:
    head = b"POST /populate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert say(server, head + b"ffffffffff\r\n").startswith(b"HTTP/1.1 413 ")


def test_a_head_that_is_too_large_is_refused(server: Server) -> None:
    heard = say(server, b"GET /version HTTP/1.1\r\nX: " + b"x" * 2**21)

    assert heard == b"" or heard.startswith(b"HTTP/1.1 431 ")
    assert server.call("GET", "/version").status == 200


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"GET /version HTTP/1.1\r\n",
        POST + b"Content-Length: 10\r\n\r\n[",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[",
    ],
)
def test_half_a_request_is_refused_and_does_no_harm(
    server: Server, part: bytes
) -> None:
    heard = say(server, part)

    assert heard.startswith(b"HTTP/1.1 400 Bad Request\r\n") or not part
    assert server.call("GET", "/version").status == 200


def test_clients_that_never_finish_hold_nobody_up(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            one = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            stack.enter_context(one).sendall(b"POST /populate HTTP/1.1\r\nContent-Le")

        assert server.call("GET", "/version").status == 200


def test_a_client_that_reads_nothing_holds_nobody_up(server: Server) -> None:
    wanted = [
        {"name": f"p{number}", "upstream": "u", "enabled": False}
        for number in range(500)
    ]
    server.call("POST", "/populate", wanted)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        one.sendall(b"GET /proxies HTTP/1.1\r\nHost: x\r\n\r\n" * 200)

        assert server.call("GET", "/version").status == 200


def test_a_browser_is_not_let_in(server: Server) -> None:
    """A page somewhere on the web could otherwise speak to the server."""
    browser = {"User-Agent": "Mozilla/5.0"}

    answer = server.call("POST", "/populate", b"[]", browser)

    assert (answer.status, answer.body) == (403, b"User agent not allowed\n")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/proxies/a%2fb", 200),
        ("GET", "/proxies/%41", 404),
        ("GET", "/proxies/", 404),
        ("GET", "/proxies//", 301),
        ("GET", "/proxies/./x", 301),
        ("GET", "/nothing", 404),
        ("OPTIONS", "/proxies", 405),
        ("PUT", "/proxies", 405),
        ("HEAD", "/version", 405),
        ("GET", "/proxies/a%2Fb/toxics/x", 404),
        ("GET", "/proxies?enabled=1", 200),
        ("GET", "/proxies/%zz", 400),
    ],
)
def test_paths_are_routed_as_they_are_written(
    server: Server, method: str, path: str, status: int
) -> None:
    server.proxy("127.0.0.1:9", name="a/b")

    assert server.call(method, path).status == status


@pytest.mark.parametrize("name", ["a b", "ä/ö?#%", "..", "100%", "日本"])
def test_any_name_can_be_shown_and_deleted(server: Server, name: str) -> None:
    proxy = server.proxy("127.0.0.1:9", name=name)

    assert server.call("GET", proxy.path.replace("/..", "/%2E%2E")).json["name"] == name
    path = proxy.path.replace("/..", "/%2E%2E")
    assert server.call("DELETE", path).status == 204
