"""Several toxics at one moment: in a list, in populate, in the configuration."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.proxy.running import Answer, Proxied, Server, running
from tests.proxy.test_toxics import round_trip, silent

BOTH: list[dict[str, Any]] = [
    {"type": "timeout", "stream": "upstream"},
    {"type": "timeout", "stream": "downstream"},
]


def add(proxy: Proxied, toxics: Any) -> Answer:
    return proxy.server.call("POST", f"{proxy.path}/toxics", toxics)


def test_a_list_adds_all_of_them(proxy: Proxied) -> None:
    answer = add(proxy, BOTH)

    assert answer.status == 200
    assert [one["name"] for one in answer.json] == [
        "timeout_upstream",
        "timeout_downstream",
    ]
    assert answer.json == proxy.toxics()


def test_a_list_holds_for_open_connections_and_new_ones(proxy: Proxied) -> None:
    with proxy.connect() as old:
        round_trip(old)

        add(proxy, BOTH)

        for client in (old, proxy.connect()):
            client.sendall(b"lost")
            assert silent(client)
            client.close()


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "magic"},
        {"type": "timeout", "stream": "sideways"},
        {"type": "timeout", "stream": "upstream"},  # the name of another one
        {"type": "loss", "attributes": {"loss": 7}},
        {"type": "latency", "attributes": {"latency": "x"}},
        7,
    ],
)
def test_one_that_cannot_be_had_and_none_is_added(proxy: Proxied, bad: Any) -> None:
    answer = add(proxy, [*BOTH, bad])

    assert answer.status in (400, 409)
    assert proxy.toxics() == []


def listed(proxy: Proxied, **more: Any) -> dict[str, Any]:
    """Return a proxy as `populate` wants to have it, the same as it is."""
    is_: dict[str, Any] = proxy.server.call("GET", proxy.path).json
    return {key: is_[key] for key in ("name", "listen", "upstream")} | more


def populate(proxy: Proxied, **more: Any) -> Any:
    answer = proxy.server.call("POST", "/populate", [listed(proxy, **more)])
    assert answer.status == 201, answer
    return answer.json["proxies"][0]


def test_populate_gives_the_same_proxy_other_toxics(proxy: Proxied) -> None:
    old = proxy.add("latency", latency=1)
    with proxy.connect() as client:
        round_trip(client)

        made = populate(proxy, toxics=[{"type": "timeout"}])

        assert [one["name"] for one in made["toxics"]] == ["timeout_downstream"]
        client.sendall(b"lost")
        assert silent(client)
    assert proxy.server.call("GET", f"{proxy.path}/toxics/{old}").status == 404


def test_populate_leaves_a_toxic_as_it_is_that_is_the_same(proxy: Proxied) -> None:
    name = proxy.add("latency", latency=1)
    with proxy.connect() as client:
        round_trip(client)

        populate(proxy, toxics=[*BOTH[1:], *proxy.toxics()])

    assert [one["type"] for one in proxy.toxics()] == ["timeout", "latency"]
    assert proxy.effects(name)["bytes"] == 5


@pytest.mark.parametrize("toxics", [{}, {"toxics": None}])
def test_populate_without_toxics_leaves_those_that_are_there(
    proxy: Proxied, toxics: dict[str, None]
) -> None:
    """As Toxiproxy does, whose clients say nothing of them, or null."""
    proxy.add("latency", latency=1)
    before = proxy.toxics()

    populate(proxy, **toxics)

    assert proxy.toxics() == before


def test_populate_with_no_toxics_removes_all(proxy: Proxied) -> None:
    proxy.add("latency", latency=1)

    assert populate(proxy, toxics=[])["toxics"] == []


def test_populate_that_is_refused_changes_no_toxic(proxy: Proxied) -> None:
    proxy.add("latency", latency=1)
    before = proxy.toxics()
    bad = {"type": "loss", "attributes": {"loss": -1}}

    answer = proxy.server.call(
        "POST", "/populate", [listed(proxy, toxics=[]), listed(proxy, toxics=[bad])]
    )

    assert answer.status == 400
    assert proxy.toxics() == before


def test_a_configuration_may_have_every_key_of_a_toxic(tmp_path: Path) -> None:
    toxic = {
        "name": "far",
        "type": "latency",
        "stream": "upstream",
        "toxicity": 0.5,
        "attributes": {
            "latency": 5,
            "jitter": 1,
            "distribution": "pareto",
            "correlation": 0.5,
        },
        "ttl": 3600.0,
        "skip_connections": 2,
    }
    file = tmp_path / "proxies.json"
    proxy = {"name": "a", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}
    file.write_text(json.dumps([{**proxy, "toxics": [toxic]}]), "utf-8")

    with running("--config", str(file)) as server:
        assert server.call("GET", "/proxies/a/toxics").json == [toxic]


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("latency", "distribution", "pareto"),
        ("latency", "correlation", 0.5),
        ("bandwidth", "shared", True),
    ],
)
def test_an_attribute_of_ours_is_shown_where_it_is_given_and_nowhere_else(
    server: Server, kind: str, key: str, value: Any
) -> None:
    proxy = server.proxy("127.0.0.1:9")
    proxy.add(kind, more={"attributes": {key: value}})
    proxy.add(kind, "upstream")

    plain, ours = (one["attributes"] for one in proxy.toxics())

    assert ours == {**plain, key: value}
    assert key not in plain


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("latency", "distribution", "magic"),
        ("latency", "distribution", 7),
        ("latency", "correlation", 1),
        ("latency", "correlation", -0.5),
        ("bandwidth", "shared", "yes"),
    ],
)
def test_an_attribute_of_ours_that_makes_no_sense_changes_nothing(
    server: Server, kind: str, key: str, value: Any
) -> None:
    proxy = server.proxy("127.0.0.1:9")
    name = proxy.add(kind)
    before = proxy.toxics()
    body = {"attributes": {key: value}}

    changed = server.call("PATCH", f"{proxy.path}/toxics/{name}", body)
    new = server.call(
        "POST", f"{proxy.path}/toxics", {"type": kind, "name": "n", **body}
    )

    assert (changed.status, new.status) == (400, 400)
    assert key in changed.json["error"]
    assert proxy.toxics() == before
