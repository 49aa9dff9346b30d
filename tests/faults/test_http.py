"""Faults of single requests, and what else only our own proxy can, in experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import httpx
import pytest
from pydantic import ValidationError

from chaos_mcp.adapters.world import World
from tests.echo import Client
from tests.faults.stages import made
from tests.proxy.sites import BODY, site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from chaos_mcp.faults.base import Fault
    from tests.proxy.running import Server
    from tests.proxy.sites import Site

pytestmark = pytest.mark.anyio


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as made_:
        yield made_


@pytest.fixture
async def world(anyio_backend: str, server: Server, shop: Site) -> AsyncIterator[World]:
    """Give a world whose proxy `front` leads to the shop."""
    del anyio_backend
    async with server.attached() as proxies:
        await proxies.create("front", shop.address, "127.0.0.1:0")
        yield World(proxies=proxies, owner="chaos-test-1")


async def injected(fault: Fault, world: World) -> dict[str, Any]:
    memo = await fault.arm(world)
    await fault.inject(world, memo)
    return memo


async def post(memo: dict[str, Any], path: str = "/checkout") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"http://{memo['listen']}{path}", content=b"one")


async def test_a_request_is_answered_before_anybody_does_it(
    world: World, shop: Site
) -> None:
    fault = made("http.status", share=1, body="closed", headers={"Retry-After": "1"})
    memo = await injected(fault, world)

    answer = await post(memo)

    assert (answer.status_code, answer.text) == (503, "closed")
    assert answer.headers["Retry-After"] == "1"
    assert shop.asked == []


async def test_a_request_is_answered_after_it_was_done(
    world: World, shop: Site
) -> None:
    memo = await injected(made("http.status", share=1, when="after"), world)

    assert (await post(memo)).status_code == 503
    assert shop.asked == ["POST /checkout"]


async def test_requests_that_it_is_not_for_are_left_alone(world: World) -> None:
    memo = await injected(made("http.status", share=1), world)

    assert (await post(memo, "/elsewhere")).content == b"one"


async def test_a_share_of_requests_is_met(world: World) -> None:
    memo = await injected(made("http.status", share="50%"), world)
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"http://{memo['listen']}/checkout"
        seen = [(await client.post(url)).status_code for _ in range(60)]

    assert 15 <= seen.count(503) <= 45
    assert set(seen) == {200, 503}


async def test_requests_wait(world: World) -> None:
    memo = await injected(made("http.latency", path="/*", jitter=0), world)

    began = anyio.current_time()
    await post(memo)

    assert 0.2 <= anyio.current_time() - began < 3


@pytest.mark.parametrize(
    ("of", "body"),
    [
        ({"replace": "none", "truncate": None}, b"none"),
        ({"corrupt": 1, "truncate": None}, bytes(one ^ 0xFF for one in BODY)),
        ({"headers": {"X-Kept": ""}, "truncate": None}, BODY),
    ],
)
async def test_a_body_is_spoilt(world: World, of: dict[str, Any], body: bytes) -> None:
    memo = await injected(made("http.body", **of), world)

    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://{memo['listen']}/price/tea")

    assert answer.content == body
    assert ("X-Kept" in answer.headers) is ("headers" not in of)


async def test_a_body_is_truncated(world: World) -> None:
    memo = await injected(made("http.body"), world)

    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://{memo['listen']}/price/tea")


@pytest.mark.parametrize("kind", ["http.status", "http.latency", "http.body"])
async def test_it_is_proven_by_a_request_that_it_met(kind: str, world: World) -> None:
    fault = made(kind, share=1, path="/x")
    memo = await injected(fault, world)

    await post(memo, "/elsewhere")
    with anyio.move_on_after(0.2) as waiting:
        await fault.prove(world, memo)
    with anyio.move_on_after(5):
        async with httpx.AsyncClient(trust_env=False) as client:
            method = "POST" if kind == "http.status" else "GET"
            try:
                await client.request(method, f"http://{memo['listen']}/x")
            except httpx.HTTPError:
                assert kind == "http.body"
    evidence = await fault.prove(world, memo)

    assert waiting.cancelled_caught
    assert evidence["seen"] == "effect"
    assert evidence["connections"] == 1


@pytest.mark.parametrize(
    ("kind", "of", "said"),
    [
        ("http.status", {"status": 99}, "greater than or equal to 200"),
        ("http.status", {"status": "503 no"}, "integer"),
        ("http.status", {"method": "GET POST"}, "is no method"),
        ("http.status", {"headers": {"a b": "x"}}, "is no name of a header"),
        ("http.status", {"headers": {"a": "x\r\ny"}}, "write plain ASCII"),
        ("http.status", {"when": "later"}, "'before' or 'after'"),
        ("http.status", {"share": 2}, "less than or equal to 1"),
        ("http.status", {"skip-bytes": "1 B"}, "say skip-requests"),
        ("http.latency", {"latency": 0}, "greater than or equal to 0.001"),
        ("http.latency", {"latency": "200"}, "duration"),
        ("http.body", {"truncate": None}, "say what is done"),
        ("http.body", {"replace": "x"}, "neither truncated nor corrupted"),
        ("network.loss", {"loss": "100%"}, "less than 1"),
        ("network.loss", {"loss": 0}, "greater than 0"),
        ("network.cut", {"by": "axe"}, "'close' or 'reset'"),
        ("network.latency", {"distribution": "magic"}, "'pareto'"),
        ("network.latency", {"correlation": "100%"}, "less than 1"),
        ("network.bandwidth", {"shared": "some"}, "boolean"),
        ("network.latency", {"skip-connections": -1}, "greater than or equal to 0"),
        ("network.latency", {"skip-bytes": "7"}, "size"),
    ],
)
async def test_what_makes_no_sense_is_said(
    kind: str, of: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        made(kind, **of)


async def toxics(world: World) -> list[Any]:
    assert world.proxies is not None
    state = await world.proxies.state("front")
    assert state is not None
    return list(state.toxics)


async def test_delays_have_their_law_and_what_is_let_through(world: World) -> None:
    fault = made(
        "network.latency",
        proxy="front",
        distribution="pareto",
        correlation="25%",
        **{"skip-connections": 2, "skip-bytes": "1 KiB", "skip-for": "500ms"},
    )
    await injected(fault, world)

    (toxic,) = await toxics(world)
    assert toxic.attributes == {
        "latency": 200,
        "jitter": 50,
        "distribution": "pareto",
        "correlation": 0.25,
    }
    assert toxic.skips == {
        "skip_connections": 2,
        "skip_bytes": 1024,
        "skip_seconds": 0.5,
    }


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [("network.latency", {"latency", "jitter"}), ("network.bandwidth", {"rate"})],
)
async def test_what_nobody_asks_for_a_foreign_toxiproxy_is_not_asked_for(
    kind: str, attributes: set[str], world: World
) -> None:
    await injected(made(kind, proxy="front"), world)

    (toxic,) = await toxics(world)
    assert set(toxic.attributes) == attributes
    assert toxic.skips == {}


async def test_all_open_connections_are_cut(world: World, server: Server) -> None:
    assert world.proxies is not None
    fault = made("network.cut", proxy="front", by="reset")
    memo = await fault.arm(world)
    clients = [await anyio.to_thread.run_sync(Client, memo["listen"]) for _ in range(5)]

    await fault.inject(world, memo)

    for client in clients:
        with pytest.raises(ConnectionResetError):
            await anyio.to_thread.run_sync(client.receive, 1)
        client.close()
    evidence = await fault.prove(world, memo)
    assert evidence["closed"] == 5
    assert server.call("GET", "/proxies/front/stats").json["open"] == 0
