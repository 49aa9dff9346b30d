"""Whatever a request says, it is answered, and a refusal changes nothing."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proxy.running import Server

KEYS = st.sampled_from(
    [
        "name",
        "NAME",
        "listen",
        "upstream",
        "enabled",
        "type",
        "stream",
        "toxicity",
        "attributes",
        "latency",
        "rate",
        "ttl",
        "toxics",
        "distribution",
        "loss",
        "shared",
        "skip_bytes",
        "by",
        "status",
        "headers",
    ]
)
LIKELY = st.sampled_from(
    [
        "x",
        "latency",
        "slicer",
        "timeout",
        "loss",
        "cut",
        "http",
        "pareto",
        "upstream",
        "Downstream",
        "127.0.0.1:0",
        "[::1]:0",
        ":0",
        "bad",
        "1.2.3.4:99999",
        "\ud800",
        "a\0b:1",
        0.5,
        1e400,
        -1,
        2**63,
    ]
)
JSON = st.recursive(
    LIKELY | st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)
PATHS = st.sampled_from(
    [
        ("POST", "/proxies"),
        ("POST", "/proxies/p"),
        ("PATCH", "/proxies/p"),
        ("POST", "/populate"),
        ("POST", "/proxies/p/toxics"),
        ("POST", "/proxies/p/toxics/t"),
        ("PATCH", "/proxies/p/toxics/t"),
    ]
)
BODIES = st.dictionaries(KEYS, JSON) | JSON
FUZZ = settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def furnished(server: Server) -> Server:
    """Give a server with a proxy and a toxic."""
    server.proxy("127.0.0.1:9").add("latency", more={"name": "t"})
    return server


def state(server: Server) -> Any:
    return server.call("GET", "/proxies").json


def check(server: Server, request: tuple[str, str], body: bytes) -> None:
    """Send a body; see that it is answered, and a refusal changes nothing."""
    if "p" not in (before := state(server)):
        server.proxy("127.0.0.1:9").add("latency", more={"name": "t"})
        before = state(server)

    answer = server.call(*request, body)

    assert answer.status in (200, 201, 204, 400, 404, 409, 500)
    after = state(server)
    if answer.status >= 400 and request[1] != "/populate":
        assert answer.json["status"] == answer.status
        assert after == before


@FUZZ
@given(request=PATHS, body=BODIES)
def test_no_json_brings_it_down(
    furnished: Server, request: tuple[str, str], body: Any
) -> None:
    check(furnished, request, json.dumps(body).encode("utf-8", "surrogatepass"))


@FUZZ
@given(request=PATHS, body=st.binary(max_size=200))
def test_no_bytes_bring_it_down(
    furnished: Server, request: tuple[str, str], body: bytes
) -> None:
    check(furnished, request, body)


@FUZZ
@given(request=PATHS, body=BODIES, cut=st.integers(0, 200))
def test_no_json_that_is_cut_brings_it_down(
    furnished: Server, request: tuple[str, str], body: Any, cut: int
) -> None:
    check(furnished, request, json.dumps(body).encode()[:cut])


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"latency":' + b"9" * 10_000 + b"}",
        b'{"name":"' + b"x" * 1_000_000 + b'"}',
        b'{"toxicity":1e999999}',
        b'{"toxicity":NaN}',
        b"\xff\xfe\x00",
    ],
    ids=["deep list", "deep object", "digits", "long", "huge", "nan", "binary"],
)
def test_no_monster_brings_it_down(furnished: Server, body: bytes) -> None:
    for path in ("/proxies", "/proxies/p/toxics", "/populate"):
        assert furnished.call("POST", path, body).status == 400

    assert furnished.call("GET", "/version").status == 200
