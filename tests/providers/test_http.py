"""HTTP activities ask what Chaos Toolkit asks, and say what it says."""

import socket
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from chaoslib.provider.http import run_http_activity

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.providers.http import Call, send
from tests.providers.sites import Site, site

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as found:
        yield found


def theirs(provider: dict[str, Any]) -> Any:
    return run_http_activity({"provider": provider, "tolerance": 1}, {}, {})


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/", {}),
        ("/json", {}),
        ("/json-utf8", {}),
        ("/broken", {}),
        ("/moved", {}),
        ("/", {"headers": {"X-Mark": "7"}}),
        ("/?own=1", {"arguments": {"a": [1, 2], "b": True, "c": None, "d": "ä b&c"}}),
        ("/", {"arguments": {"a": 1.5}}),
        ("/", {"arguments": "raw=1"}),
        ("/", {"arguments": {}}),
        ("/", {"method": "POST", "arguments": {"a": [1, None], "b": True}}),
        ("/", {"method": "POST", "arguments": {"a": {"x": 1}}, "headers": JSON}),
        ("/", {"method": "PUT", "arguments": [1, 2], "headers": JSON}),
        ("/", {"method": "POST", "arguments": "as it is"}),
        ("/moved", {"method": "POST", "arguments": {"a": 1}}),
        ("/", {"method": "delete"}),
    ],
)
async def test_requests_and_answers_are_chaos_toolkit_s(
    web: Site, path: str, more: dict[str, Any]
) -> None:
    their_answer = theirs({"url": web.url + path, **more})
    their_requests, web.asked[:] = web.asked.copy(), []

    answer = await send(Call(web.url + path, **more))

    latency = answer.pop("latency")
    assert undated(answer) == undated(their_answer)
    assert comparable(web.asked) == comparable(their_requests)
    assert 0 < latency < 30


def undated(answer: dict[str, Any]) -> dict[str, Any]:
    headers = {k: v for k, v in answer["headers"].items() if k != "Date"}
    return {**answer, "headers": headers}


def comparable(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return requests without the spaces that JSON may have."""
    return [{**one, "body": one["body"].replace(" ", "")} for one in requests]


@pytest.mark.anyio
async def test_a_body_that_only_says_that_it_is_json_is_text(web: Site) -> None:
    assert (await send(Call(f"{web.url}/json-not")))["body"] == "not json"


@pytest.mark.anyio
async def test_nobody_there_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(ActivityFailed, match=f"^{url}: "):
            await send(Call(url))


@pytest.mark.anyio
async def test_no_answer_in_time_is_one_sentence(web: Site) -> None:
    with pytest.raises(ActivityFailed, match="/slow: no answer in time"):
        await send(Call(f"{web.url}/slow", timeout=0.1))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "call",
    [
        Call("ftp://127.0.0.1/"),
        Call("nonsense"),
        Call("http://[::1"),
        Call("http://127.0.0.1:1", headers={"X": "é\n"}),
        Call("http://127.0.0.1:1", headers={"X": "日本"}),
    ],
    ids=["scheme", "no url", "half a host", "line break", "beyond latin-1"],
)
async def test_what_cannot_be_asked_is_one_sentence(call: Call) -> None:
    with pytest.raises(ActivityFailed):
        await send(call)


@pytest.mark.anyio
async def test_a_hung_call_is_given_up_when_cancelled(web: Site) -> None:
    with anyio.move_on_after(0.1) as scope:
        await send(Call(f"{web.url}/slow"))

    assert scope.cancelled_caught
