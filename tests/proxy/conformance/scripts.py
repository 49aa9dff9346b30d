"""Requests in order, sent to both servers: all of the API, in every verb."""

import json
from typing import Any

from tests.proxy.conformance.exchange import Request

NOBODY = "127.0.0.1:9"
A: dict[str, Any] = {"name": "a", "listen": "127.0.0.1:0", "upstream": NOBODY}
B: dict[str, Any] = {"name": "b", "listen": "127.0.0.1:{p1}", "upstream": NOBODY}
OFF: dict[str, Any] = {"name": "off", "upstream": NOBODY, "enabled": False}
WRONG: list[Any] = [1, True, [], {}, 1.5, "x"]
"""What is wrong in most places."""
KINDS = {
    "bandwidth": {"rate": 5},
    "latency": {"latency": 5, "jitter": 2},
    "limit_data": {"bytes": 5},
    "noop": {},
    "reset_peer": {"timeout": 5},
    "slicer": {"average_size": 5, "size_variation": 2, "delay": 1},
    "slow_close": {"delay": 5},
    "timeout": {"timeout": 5},
}


def ask(line: str, body: Any = None, **headers: str) -> Request:
    """Return a request by its first line; a body that is no bytes is sent as JSON."""
    method, _, path = line.partition(" ")
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Request(method, path, body, named)


def toxic(kind: str, **more: Any) -> Request:
    """Return the request that adds a toxic to the proxy `a`."""
    return ask("POST /proxies/a/toxics", {"type": kind, **more})


ALL = ask("GET /proxies")
NEW = ask("POST /proxies", A)

SCRIPTS: dict[str, list[Request]] = {
    "nothing there": [
        *(ALL, ask("POST /reset"), ask("POST /populate", [])),
        *(ask("GET /proxies/a"), ask("DELETE /proxies/a")),
        *(ask(f"{verb} /proxies/a", {"enabled": False}) for verb in ("POST", "PATCH")),
        *(ask("GET /proxies/a/toxics"), toxic("latency")),
        *(ask(f"{v} /proxies/a/toxics/t", {}) for v in ("GET", "POST", "DELETE")),
        ask("GET /version"),
    ],
    "a proxy's life": [
        *(NEW, NEW, ask("GET /proxies/a"), ALL),
        ask("POST /proxies/a", {"enabled": False}),
        *(ask("PATCH /proxies/a", {"enabled": False}), ask("GET /proxies/a")),
        ask("PATCH /proxies/a", {"enabled": True}),
        ask("PATCH /proxies/a", {"upstream": "127.0.0.1:7"}),
        ask("PATCH /proxies/a", {"listen": "localhost:{p1}"}),
        ask("PATCH /proxies/a", {"listen": "localhost:{p1}"}),
        ask("POST /proxies/a", {"name": "other", "listen": "127.0.0.1:{p2}"}),
        *(ask("PATCH /proxies/a", {}), ask("PATCH /proxies/a", b"null")),
        *(ask("DELETE /proxies/a"), ask("DELETE /proxies/a"), ALL),
    ],
    "a proxy's fields": [
        *(ask("POST /proxies", {}), ask("POST /proxies", {"name": "x"})),
        *(ask("POST /proxies", {"upstream": "x"}), ask("POST /proxies", {"name": ""})),
        *(ask("POST /proxies", OFF), ask("PATCH /proxies/off", {"enabled": True})),
        ask("POST /proxies", {**A, "NAME": "b", "Logger": {"x": 1}, "unknown": []}),
        ask("POST /proxies", {**A, "name": "<&>\u2028ä", "enabled": None}),
        ask("GET /proxies/%3C%26%3E%E2%80%A8%C3%A4"),
        *(ask("POST /proxies", {**A, "name": "c", "upstream": "nowhere"}), ALL),
    ],
    "addresses": [
        ask("POST /proxies", {"name": f"p{n}", "listen": listen, "upstream": "x"})
        for n, listen in enumerate(
            [
                *("", ":0", "127.0.0.1:", "localhost:0", "[::1]:0", "[::]:0"),
                *("0.0.0.0:0", "[::1%lo]:0", "[fe80::1%lo]:0", "[::ffff:127.0.0.1]:0"),
                *("127.0.0.1", "{p1}", "::1:0", "[::1", "[::1]", "[127.0.0.1]:0"),
                *("127.0.0.1:-1", "127.0.0.1:65536", "127.0.0.1:+0", "127.0.0.1:000"),
                *("127.0.0.1:x", "127.0.0.1: 0", "127.1:0", "0x7f.1:0", "\uff12:1"),
                *("no.host.invalid:0", "a b:0", "1.2.3.4:0", "127.0.0.1:1e3"),
                *("127.0.0.1:{busy}", ":{busy}", "[::1]:{p1}", "127.0.0.1:{p1}"),
            ]
        )
    ],
    "each toxic": [
        NEW,
        *(toxic(kind, attributes=KINDS[kind]) for kind in KINDS),
        *(toxic(kind, stream="upstream") for kind in KINDS),
        *(ask(f"GET /proxies/a/toxics/{kind}_upstream") for kind in KINDS),
        *(toxic(kind) for kind in KINDS),
        *(ask("GET /proxies/a"), ask("GET /proxies/a/toxics")),
        *(
            ask(f"PATCH /proxies/a/toxics/{kind}_downstream", {"attributes": given})
            for kind, given in KINDS.items()
        ),
        *(ask(f"DELETE /proxies/a/toxics/{kind}_downstream") for kind in KINDS),
        *(ask("GET /proxies/a"), ask("POST /reset"), ask("GET /proxies/a")),
    ],
    "a toxic's fields": [
        *(NEW, toxic("latency", name="t", stream="Upstream"), toxic("noop", name="t")),
        *(toxic("nonsense"), toxic(""), toxic("latency", stream="sideways")),
        *(toxic("latency", stream=""), toxic("noop", name="", stream="DOWNSTREAM")),
        *(toxic("noop", name=f"x{n}", toxicity=x) for n, x in enumerate([0, 0.1, -1])),
        *(toxic("noop", name=f"y{x}", toxicity=x) for x in (2, 1e-7, 3e38, 1e39)),
        *(ask("POST /proxies/a/toxics", b""), ask("POST /proxies/a/toxics", b"null")),
        *(toxic("latency", name="n", attributes=None), toxic("latency", name=1)),
        toxic("latency", name="m", attributes={"LATENCY": 1, "latency": 2, "x": "y"}),
        ask("GET /proxies/a/toxics"),
        ask("PATCH /proxies/a/toxics/t", {"toxicity": 0.25, "name": "other"}),
        ask("POST /proxies/a/toxics/t", {"attributes": {"jitter": 3}}),
        ask("PATCH /proxies/a/toxics/t", {"toxicity": None, "stream": "downstream"}),
        *(ask("PATCH /proxies/a/toxics/t", {}), ask("PATCH /proxies/a/toxics/none")),
    ],
    "numbers": [
        NEW,
        *(
            toxic("latency", name=f"t{number}", attributes={"latency": number})
            for number in (0, -5, 2**63 - 1, -(2**63), 2**63, 1.0, 1.5, 10**30)
        ),
        *(
            ask(
                "POST /proxies/a/toxics",
                b'{"type":"latency","name":"%s","attributes":{"latency":%s}}'
                % (one, one),
            )
            for one in (b"1e3", b"-0", b"01", b"1.", b"+1", b"NaN", b".5", b"0x1")
        ),
        *(toxic("latency", attributes={"latency": one}) for one in WRONG),
    ],
    "wrong types": [
        NEW,
        *(ask("POST /proxies", {**A, "name": one}) for one in WRONG),
        *(ask("POST /proxies", {**A, "name": "x", "enabled": x}) for x in WRONG),
        *(ask("POST /proxies", one) for one in WRONG),
        *(ask("POST /populate", one) for one in WRONG),
        *(ask("POST /populate", [one]) for one in [*WRONG, None]),
        *(toxic("noop", toxicity=one) for one in WRONG),
        *(toxic("noop", attributes=one, name=f"{one}") for one in WRONG),
        *(ask("POST /proxies/a/toxics", one) for one in WRONG),
    ],
    "broken JSON": [
        ask("POST /proxies", text)
        for text in (
            *(b"", b" ", b"{", b'{"name"', b'{"name":', b'{"name":"a"', b"{'a':1}"),
            *(b'{"name":"a",}', b"[1,]", b"nul", b"tru\x01", b'"\\x"', b'"\\u12"'),
            *(b'"a\nb"', b"\xff", b"\xef\xbb\xbf{}", b'{"name":"\xff","upstream":"u"}'),
            *(b'{"name":"\\ud800","upstream":"u"}garbage', b"{}{}", b"[" * 20_000),
        )
    ],
    "populate": [
        ask("POST /populate", [A, B]),
        *(ask("POST /populate", [B]), ask("POST /populate", [{**B, "upstream": "x"}])),
        *(ask("POST /populate", [{**B, "listen": "127.0.0.1:{p2}"}]), ALL),
        *(ask("POST /populate", [{**B, "enabled": False}]), ask("GET /proxies/b")),
        *(ask("POST /populate", [OFF, OFF]), ask("POST /populate", [{"name": "x"}])),
        *(ask("POST /populate", [{"upstream": "x"}]), ask("POST /populate", b"null")),
        *(ask("POST /populate", [{**A, "NAME": "z", "Enabled": None}]), ALL),
    ],
    "populate that fails half-way": [
        ask("POST /populate", [A, {**B, "listen": "127.0.0.1:{busy}"}, OFF]),
        ALL,
    ],
    "populate names twice": [ask("POST /populate", [A, {**A, "upstream": "x"}]), ALL],
    "ports in use": [
        *(ask("POST /proxies", {**A, "listen": "127.0.0.1:{busy}"}), ALL),
        *(NEW, ask("POST /proxies", B), ask("POST /proxies", {**B, "name": "c"})),
        ask("PATCH /proxies/a", {"listen": "127.0.0.1:{p1}"}),
    ],
    "update refused": [
        *(NEW, toxic("latency", name="t", attributes={"latency": 5})),
        ask(
            "PATCH /proxies/a/toxics/t",
            b'{"toxicity":0.5,"attributes":{"latency":7,"jitter":"x"}}',
        ),
        ask("GET /proxies/a/toxics/t"),
    ],
    "paths": [
        NEW,
        *(
            ask(f"{verb} {path}")
            for verb in ("GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "TRACE")
            for path in (
                *("/", "/proxies/", "/proxies/a/", "/proxies/a/none", "//proxies"),
                *("/proxies/../version", "/proxies/./a", "/version?x=/..", "/none"),
                *("/Version", "/%76ersion", "/proxies/%zz", "/proxies/a;b", "/version"),
            )
        ),
        *(ask(f"PUT {path}") for path in ("/proxies", "/reset", "/populate")),
        *(ask("GET http://x/version"), ask("OPTIONS *"), ask("GET /reset")),
        *(ask("GET /proxies/a%2Fb"), ask("GET /proxies/a/stats"), ask("GET /metrics")),
    ],
    "browsers": [
        ask(f"GET {path}", User_Agent=agent)
        for path in ("/proxies", "/none", "/proxies/", "//proxies", "/reset")
        for agent in ("Mozilla/5.0 (X11)", "mozilla/5.0", "Mozilla", "curl/8", "")
    ],
    "extensions": [
        ask("POST /populate", [{**A, "toxics": [{"type": "noop"}]}]),
        *(ask("GET /proxies/a/toxics"), toxic("latency", ttl=60)),
    ],
    "toxics of our own": [NEW, toxic("cut"), toxic("duplicate")],
    "addresses of our own": [
        ask("POST /proxies", {**A, "listen": "udp://127.0.0.1:0"}),
        ask("POST /proxies", {**A, "listen": "unix:/no/such/folder"}),
    ],
}
"""By what they are about; `{p1}` and `{p2}` are free ports, `{busy}` is taken."""
