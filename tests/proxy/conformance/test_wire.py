"""The same bytes to our server and to the real one: every byte back is compared."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.proxy.conformance.wire import WIRE, normal, said, version
from tests.proxy.running import Server


@pytest.mark.parametrize("name", WIRE)
def test_every_byte_is_toxiproxys(server: Server, original: Server, name: str) -> None:
    def differs(sent: bytes) -> tuple[bytes, bytes, bytes] | None:
        theirs, ours = (normal(said(one, sent)) for one in (original, server))
        return None if theirs == ours else (sent[:200], theirs, ours)

    with ThreadPoolExecutor(32) as pool:
        differing = list(filter(None, pool.map(differs, WIRE[name])))

    assert differing == []
    assert server.call("GET", "/version").status == 200


@pytest.mark.parametrize("server_of", ["server", "original"])
def test_the_comparison_sees_what_is_there(
    request: pytest.FixtureRequest, server_of: str
) -> None:
    heard = normal(said(request.getfixturevalue(server_of), version(b"")))

    assert heard.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\n")
    assert heard.endswith(b'{"version": "2.12.0"}\n<waits>')


def test_the_http_2_preface_is_refused_by_us_alone(
    server: Server, original: Server
) -> None:
    """See `WIRE` in `differences`."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    assert said(original, preface).startswith(b"HTTP/1.1 301 ")
    assert said(server, preface).startswith(b"HTTP/1.1 505 ")
