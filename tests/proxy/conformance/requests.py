"""Requests as Hypothesis makes them up: likely ones, odd ones, and broken ones."""

import json
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from tests.proxy.conformance.exchange import Request
from tests.proxy.conformance.scripts import KINDS

NAMES = st.sampled_from(["a", "b", "A", "ä<&>", " ", "a.b", "%41", "?", "", "x" * 300])
ADDRESSES = st.sampled_from(
    [
        *("127.0.0.1:0", "localhost:0", ":0", "[::1]:0", "127.0.0.1:", "", "0.0.0.0:0"),
        *("127.0.0.1:{p1}", "localhost:{p2}", "[::1]:{p1}", "127.0.0.1:{busy}"),
        *(":{busy}", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1", "a:b", "::1:0"),
        *("127.0.0.1:+", "127.0.0.1:00", "127.1:0", "[::ffff:127.0.0.1]:0", "[::1"),
        *("a\0b:1", "\uff12:1", "127.0.0.1:\u0660", "[::1%lo]:0", "no.invalid:0"),
    ]
)
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, 1, -1, 1.5, -0.0, "x", "1", [], {}, [1], {"a": 1}, 2**63]
)
NUMBERS = st.sampled_from([0, 1, 5, 1000, -5, 2**63 - 1, -(2**63)])
TOXICITIES = st.sampled_from([0, 0.5, 1, 2, -1, 0.1, 1 / 3, 1e-7, 3e38, 1e39, 1e-46])
STREAMS = st.sampled_from(["upstream", "downstream", "Upstream", "DOWNSTREAM", "x", ""])
SPELLINGS = (str, str, str, str, str.upper, str.capitalize, lambda k: f"{k}x")
BROKEN = st.sampled_from(
    [b"", b"null", b"[]", b"{}", b"{", b"[{}]", b'"', b"1", b"\xff"]
)


@st.composite
def objects(draw: st.DrawFn, /, **fields: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Return an object that has some of these fields, mostly as they should be."""
    made = {}
    for name, values in fields.items():
        if draw(st.integers(0, 9)) > 1:
            spelling = draw(st.sampled_from(SPELLINGS))
            odd = draw(st.integers(0, 14)) == 0
            made[spelling(name)] = draw(ODD if odd else values)
    return made


@st.composite
def toxics(draw: st.DrawFn) -> dict[str, Any]:
    """Return a toxic as somebody may want it."""
    kind = draw(st.sampled_from([*KINDS, "Latency", ""]))
    fields = dict.fromkeys(KINDS.get(kind, ()), NUMBERS)
    made = draw(
        objects(
            name=st.sampled_from(["t", "u", ""]) | NAMES,
            stream=STREAMS,
            toxicity=TOXICITIES,
            attributes=objects(**fields),
        )
    )
    return {"type": kind, **made}


PROXIES = objects(
    name=NAMES, upstream=ADDRESSES, listen=ADDRESSES, enabled=st.booleans()
)


@st.composite
def bodies(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> bytes:
    """Return the text of a value, as it is, cut, or with a wrong letter."""
    text = json.dumps(draw(values), ensure_ascii=draw(st.booleans())).encode()
    match draw(st.integers(0, 30)):
        case 0:
            return text[: draw(st.integers(0, len(text)))]
        case 1:
            at = draw(st.integers(0, len(text)))
            return text[:at] + draw(st.binary(min_size=1, max_size=2)) + text[at + 1 :]
        case 2:
            return text + draw(st.sampled_from([b"garbage", b"{}", b"]", b"\0"]))
        case 3:
            return draw(BROKEN)
    return text


def _quoted(names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return names.filter(bool).map(lambda name: quote(name, safe=""))


PROXY = st.just("a") | _quoted(NAMES)
TOXIC = _quoted(st.sampled_from(["t", "u", *(f"{kind}_downstream" for kind in KINDS)]))
AT_PROXY = PROXY.map("/proxies/{}".format)
AT_TOXICS = AT_PROXY.map("{}/toxics".format)
AT_TOXIC = st.tuples(AT_TOXICS, TOXIC).map("/".join)
CHANGES = st.sampled_from(["POST", "PATCH"])


def _sent(
    methods: str | st.SearchStrategy[str],
    paths: str | st.SearchStrategy[str],
    values: st.SearchStrategy[bytes | None] | None = None,
) -> st.SearchStrategy[Request]:
    method = st.just(methods) if isinstance(methods, str) else methods
    path = st.just(paths) if isinstance(paths, str) else paths
    body = st.none() if values is None else values
    return st.builds(Request, method, path, body)


REQUESTS = st.one_of(
    _sent("POST", "/proxies", bodies(PROXIES)),
    _sent("POST", "/proxies", bodies(PROXIES)),
    _sent("POST", "/populate", bodies(st.lists(PROXIES, max_size=3))),
    _sent(CHANGES, AT_PROXY, bodies(PROXIES)),
    _sent("POST", AT_TOXICS, bodies(toxics())),
    _sent("POST", AT_TOXICS, bodies(toxics())),
    _sent(CHANGES, AT_TOXIC, bodies(toxics())),
    _sent("GET", AT_PROXY | AT_TOXICS | AT_TOXIC | st.just("/proxies")),
    _sent("DELETE", AT_PROXY | AT_TOXIC),
    _sent("POST", "/reset"),
    _sent(
        st.sampled_from(["GET", "HEAD", "PUT", "OPTIONS", "TRACE", "POST", "DELETE"]),
        AT_PROXY | AT_TOXICS | AT_TOXIC | st.just("/proxies/") | st.just("/version"),
        st.sampled_from([None, b"", b"{}"]),
    ),
)
SEQUENCES = st.lists(REQUESTS, min_size=1, max_size=12).map(
    lambda made: [
        Request("POST", "/proxies", b'{"name":"a","upstream":"x","listen":":0"}'),
        *made,
        Request("GET", "/proxies"),
    ]
)
