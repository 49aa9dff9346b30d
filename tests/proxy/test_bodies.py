"""Bodies good and bad: what the real Toxiproxy 2.12.0 said of each, word for word."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.proxy.running import Server

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "bodies.json").read_text("utf-8")
)


@pytest.fixture(scope="module")
def prepared(one_server: Server) -> Server:
    """Give a server as the recording had it: the proxy `x` with the toxic `l`."""
    one_server.empty()
    body = {"name": "x", "upstream": "127.0.0.1:9", "enabled": False}
    one_server.call("POST", "/proxies", body)
    one_server.call("POST", "/proxies/x/toxics", {"name": "l", "type": "latency"})
    return one_server


@pytest.mark.parametrize(
    "said", RECORDED, ids=lambda said: f"{said['path']} {said['body']!a}"[:80]
)
def test_a_body_is_answered_word_for_word(
    prepared: Server, said: dict[str, Any]
) -> None:
    answer = prepared.call("POST", said["path"], said["body"].encode())

    if answer.status == 200 and said["path"].endswith("/toxics"):
        name = quote(answer.json["name"], safe="")
        prepared.call("DELETE", f"{said['path']}/{name}")
    assert (answer.status, answer.body.decode()) == (said["status"], said["answer"])
