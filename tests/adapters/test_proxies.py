"""Both ways of speaking to a proxy server keep the same contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import psutil
import pytest

from chaos_mcp.adapters.embedded import attach, start_embedded
from chaos_mcp.adapters.toxiproxy import ForeignToxiproxy
from chaos_mcp.adapters.world import Toxic
from chaos_mcp.errors import ActivityFailed, PartMissing
from tests.proxy.original import running_original

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chaos_mcp.adapters.world import Proxies
    from tests.proxy.running import Server

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["embedded", "toxiproxy-python"])
async def proxies(
    request: pytest.FixtureRequest, anyio_backend: str, server: Server
) -> AsyncIterator[Proxies]:
    del anyio_backend
    async with server.attached() as embedded:
        if request.param == "embedded":
            yield embedded
        else:
            yield ForeignToxiproxy(embedded.url)


async def made(proxies: Proxies, name: str = "cache") -> None:
    await proxies.create(name, "127.0.0.1:1", "127.0.0.1:0")


async def test_a_proxy_gets_the_address_that_it_really_has(proxies: Proxies) -> None:
    state = await proxies.create("cache", "127.0.0.1:1", "127.0.0.1:0")

    assert state == await proxies.state("cache")
    assert not state.listen.endswith(":0")
    assert state.enabled


async def test_names_may_hold_anything(proxies: Proxies) -> None:
    await made(proxies, "a b/c?d")

    assert [one.name for one in await proxies.states()] == ["a b/c?d"]


async def test_what_is_not_there_is_none(proxies: Proxies) -> None:
    assert await proxies.state("nothing") is None


async def test_deleting_twice_is_deleting_once(proxies: Proxies) -> None:
    await made(proxies)

    await proxies.delete("cache")
    await proxies.delete("cache")

    assert await proxies.states() == ()


async def test_a_toxic_is_there_as_it_was_given(proxies: Proxies) -> None:
    await made(proxies)
    toxic = Toxic("mine", "latency", "upstream", {"latency": 7, "jitter": 1}, 0.5)

    await proxies.add_toxic("cache", toxic)

    state = await proxies.state("cache")
    assert state is not None
    assert state.toxics == (toxic,)


async def test_removing_a_toxic_twice_is_removing_it_once(proxies: Proxies) -> None:
    await made(proxies)
    await proxies.add_toxic("cache", Toxic("mine", "noop", "upstream"))

    await proxies.remove_toxic("cache", "mine")
    await proxies.remove_toxic("cache", "mine")

    state = await proxies.state("cache")
    assert state is not None
    assert state.toxics == ()


async def test_a_toxic_that_met_nothing_has_no_effect(proxies: Proxies) -> None:
    await made(proxies)
    await proxies.add_toxic("cache", Toxic("mine", "latency", "upstream"))

    effects = await proxies.effects("cache", "mine")

    assert effects is not None
    assert effects.connections == 0


async def test_a_refusal_says_why(proxies: Proxies) -> None:
    await made(proxies)

    with pytest.raises(ActivityFailed, match="already exists"):
        await made(proxies)
    with pytest.raises(ActivityFailed, match="invalid toxic type"):
        await proxies.add_toxic("cache", Toxic("x", "bogus", "upstream"))


async def test_a_change_is_finished_even_if_its_caller_is_cancelled(
    proxies: Proxies,
) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await made(proxies)

    assert await proxies.state("cache") is not None


async def test_nobody_there_is_said_plainly() -> None:
    async with attach("http://127.0.0.1:9") as nobody:
        with pytest.raises(PartMissing, match="proxy server at"):
            await nobody.states()
    with pytest.raises(PartMissing, match="no Toxiproxy answers at"):
        await ForeignToxiproxy("http://127.0.0.1:9").states()


@pytest.mark.parametrize("url", ["", "ftp://x", "http://"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(PartMissing, match="not the URL of a Toxiproxy"):
        ForeignToxiproxy(url)


async def test_the_server_ends_with_the_body() -> None:
    children = psutil.Process().children
    before = {one.pid for one in children()}
    async with start_embedded():
        during = {one.pid for one in children()} - before

    assert len(during) == 1
    assert not any(psutil.pid_exists(pid) for pid in during)


async def test_several_toxics_are_there_as_they_were_given(proxies: Proxies) -> None:
    await made(proxies)
    toxics = (
        Toxic("up", "noop", "upstream", skips={"skip_connections": 2}),
        Toxic("down", "http", "downstream", {"status": 503, "headers": {"a": "b"}}),
    )

    await proxies.add_toxics("cache", toxics)

    state = await proxies.state("cache")
    assert state is not None
    up, down = state.toxics
    assert up == toxics[0]
    assert down.attributes["headers"] == {"a": "b"}


@pytest.mark.parametrize(
    ("toxic", "what"),
    [
        (Toxic("x", "latency", "upstream", {"distribution": "pareto"}), "distribution"),
        (Toxic("x", "noop", "upstream", skips={"skip_bytes": 1}), "skip_bytes"),
    ],
)
async def test_what_the_real_toxiproxy_would_ignore_is_refused(
    toxic: Toxic, what: str
) -> None:
    """It takes any key, and says nothing of those that it does not know."""
    with running_original() as original:
        foreign = ForeignToxiproxy(original.url)
        await made(foreign)

        with pytest.raises(ActivityFailed, match=f"knows no '{what}'; leave it out"):
            await foreign.add_toxic("cache", toxic)

        state = await foreign.state("cache")
        assert state is not None
        assert state.toxics == ()
