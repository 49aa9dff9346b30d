"""The API: a method and a path to what is done and what is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.bodies import BAD, Refusal
from chaos_mcp.proxy.gojson import BadBody, decode
from chaos_mcp.proxy.gotext import encode
from chaos_mcp.proxy.http import TEXT, Request, Response
from chaos_mcp.proxy.metrics import metrics, stats
from chaos_mcp.proxy.proxy import Proxy, toxic_json
from chaos_mcp.proxy.targets import unquoted

if TYPE_CHECKING:
    from chaos_mcp.proxy.collection import Collection
    from chaos_mcp.proxy.toxics.toxic import Toxic

VERSION = b'{"version": "2.12.0"}\n'
"""The version of Toxiproxy whose API this is: clients look at it."""
JSON = "application/json"
PLAIN = {"Content-Type": TEXT, "X-Content-Type-Options": "nosniff"}
BROWSER = "Mozilla/"
FORBIDDEN, NOT_FOUND, NOT_ALLOWED = 403, 404, 405


Action = Callable[["Collection", list[str], bytes], Response]


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, encode(value), {"Content-Type": JSON})


def _index(all_: Collection, _: list[str], __: bytes) -> Response:
    return _json({name: all_.proxies[name].as_json() for name in sorted(all_.proxies)})


def _create(all_: Collection, _: list[str], body: bytes) -> Response:
    return _json(all_.create(decode(body)).as_json(), 201)


def _show(all_: Collection, names: list[str], _: bytes) -> Response:
    return _json(all_.get(names[0]).as_json())


def _update(all_: Collection, names: list[str], body: bytes) -> Response:
    proxy = all_.get(names[0])
    return _json(all_.update(proxy, decode(body)).as_json())


def _delete(all_: Collection, names: list[str], _: bytes) -> Response:
    all_.delete(all_.get(names[0]))
    return Response(204)


def _toxics(all_: Collection, names: list[str], _: bytes) -> Response:
    return _json(all_.get(names[0]).as_json()["toxics"])


def _add_toxic(all_: Collection, names: list[str], body: bytes) -> Response:
    proxy, wanted = all_.get(names[0]), decode(body)
    if type(wanted) is list and wanted:  # which Toxiproxy refuses
        return _json([toxic_json(one) for one in all_.add_toxics(proxy, wanted)])
    return _json(toxic_json(all_.add_toxic(proxy, wanted)))


def _named(all_: Collection, names: list[str]) -> tuple[Proxy, Toxic]:
    proxy = all_.get(names[0])
    return proxy, all_.toxic(proxy, names[1])


def _show_toxic(all_: Collection, names: list[str], _: bytes) -> Response:
    return _json(toxic_json(_named(all_, names)[1]))


def _update_toxic(all_: Collection, names: list[str], body: bytes) -> Response:
    proxy, toxic = _named(all_, names)
    return _json(toxic_json(all_.update_toxic(proxy, toxic, decode(body))))


def _remove_toxic(all_: Collection, names: list[str], _: bytes) -> Response:
    all_.remove_toxic(*_named(all_, names))
    return Response(204)


def _effects(all_: Collection, names: list[str], _: bytes) -> Response:
    proxy, toxic = _named(all_, names)
    return _json(proxy.effects(toxic))


def _stats(all_: Collection, names: list[str], _: bytes) -> Response:
    return _json(stats(all_.get(names[0])))


def _connections(all_: Collection, names: list[str], _: bytes) -> Response:
    return _json([one.as_json() for one in all_.get(names[0]).records()])


def _reset(all_: Collection, _: list[str], __: bytes) -> Response:
    all_.reset()
    return Response(204)


def _version(_: Collection, __: list[str], ___: bytes) -> Response:
    return Response(200, VERSION, {"Content-Type": "application/json;charset=utf-8"})


def _metrics(all_: Collection, _: list[str], __: bytes) -> Response:
    kind = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    return Response(200, metrics(all_).encode(), {"Content-Type": kind})


def _populate(all_: Collection, _: list[str], body: bytes) -> Response:
    try:
        made, refusal = all_.populate(decode(body))
    except BadBody as error:
        made, refusal = [], Refusal(str(error), BAD)
    answer = {"proxies": [proxy.as_json() for proxy in made] or None}
    if refusal is None:
        return _json(answer, 201)
    said = {"error": refusal.message, "status": refusal.status, **answer}
    return _json(said, refusal.status)


ANY = "any method"
NAME = None
"""Stands for a part of a path that is a name."""
ROUTES: tuple[tuple[tuple[str | None, ...], dict[str, Action]], ...] = (
    (("proxies",), {"GET": _index, "POST": _create}),
    (("populate",), {"POST": _populate}),
    (("reset",), {"POST": _reset}),
    (("version",), {"GET": _version}),
    (("metrics",), {ANY: _metrics}),
    (
        ("proxies", NAME),
        {"GET": _show, "POST": _update, "PATCH": _update, "DELETE": _delete},
    ),
    (("proxies", NAME, "toxics"), {"GET": _toxics, "POST": _add_toxic}),
    (("proxies", NAME, "stats"), {"GET": _stats}),
    (("proxies", NAME, "connections"), {"GET": _connections}),
    (
        ("proxies", NAME, "toxics", NAME),
        {
            "GET": _show_toxic,
            "POST": _update_toxic,
            "PATCH": _update_toxic,
            "DELETE": _remove_toxic,
        },
    ),
    (("proxies", NAME, "toxics", NAME, "effects"), {"GET": _effects}),
)


def respond(all_: Collection, request: Request) -> Response:
    """Return the answer to a request; nothing is changed by one that is refused."""
    path = request.target.path
    if path == "*" and request.method == "OPTIONS":
        return Response(200, routed=False)
    clean = _clean(path)
    if clean != path:
        place = {"Location": request.target.elsewhere(clean)}
        return Response(301, b"", place, routed=False)
    found = _match(path)
    if found is None:
        return Response(NOT_FOUND, b"404 page not found\n", PLAIN, routed=False)
    actions, names = found
    action = actions.get(request.method) or actions.get(ANY)
    if action is None:
        return Response(NOT_ALLOWED, routed=False)
    return _act(all_, action, names, request)


def _act(
    all_: Collection, action: Action, names: list[str], request: Request
) -> Response:
    if request.headers.get("user-agent", "").startswith(BROWSER):
        return Response(FORBIDDEN, b"User agent not allowed\n", PLAIN)
    try:
        return action(all_, names, request.body)
    except BadBody as error:
        return refused(Refusal(str(error), BAD))
    except Refusal as refusal:
        return refused(refusal)


def refused(refusal: Refusal) -> Response:
    """Return the answer to a request that is not granted."""
    body = encode({"error": refusal.message, "status": refusal.status}) + b"\n"
    return Response(refusal.status, body, PLAIN)


def _match(path: str) -> tuple[dict[str, Action], list[str]] | None:
    parts = [unquoted(part).decode("utf-8", "replace") for part in path.split("/")[1:]]
    for pattern, actions in ROUTES:
        if len(pattern) == len(parts) and all(parts):
            pairs = list(zip(pattern, parts, strict=True))
            if all(want in (NAME, part) for want, part in pairs):
                return actions, [part for want, part in pairs if want is NAME]
    return None


def _clean(path: str) -> str:
    """Return a path without empty parts and dots, as Go's router wants it."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    tail = "/" if path.endswith("/") and parts else ""
    return "/" + "/".join(parts) + tail
