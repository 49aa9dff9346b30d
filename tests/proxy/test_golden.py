"""The API against what the real Toxiproxy 2.12.0 answered to the same requests."""

import contextlib
import fcntl
import json
import re
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.proxy.running import Answer, Server

RECORDED = Path(__file__).parent / "data" / "api-golden.json"
PORT = re.compile(r"((?:127\.0\.0\.1|localhost|\]|:):)\d{4,5}\b")
VARYING = {"Date", "X-Toxiproxy-Request-Id", "Content-Length"}
DIFFERENCES = {
    "listen unresolvable": "the name server's address is not told",
    "show after busy": "a refused update changes nothing; Toxiproxy stops the proxy",
    "after half-bad": "a refused update changes nothing; Toxiproxy does half of it",
    "show slash name": "a proxy with a slash in its name can be had",
    "del slash name": "and can be deleted",
    "query": "the proxy with a slash in its name is gone by now",
    "POST metrics": "the metrics are there, under GET alone",
}
"""Where we answer otherwise, and why."""


def _entries() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(RECORDED.read_text("utf-8"))
    return entries


@contextlib.contextmanager
def _busy_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield str(taken.getsockname()[1])


@pytest.fixture
def _alone() -> Iterator[None]:
    """Wait for others who try this very test: the recording takes port 80."""
    with (Path(tempfile.gettempdir()) / "chaos-test-port-80").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _may_listen_on_80() -> bool:
    try:
        socket.create_server(("127.0.0.1", 80)).close()
    except OSError:
        return False
    return True


def _seen(answer: Answer) -> dict[str, Any]:
    """Return an answer as the recording has it: ports and times left out."""
    kept = {key: answer.headers[key] for key in answer.headers if key not in VARYING}
    length = answer.headers.get("Content-Length")
    assert length is None or int(length) == len(answer.body)
    return {
        "headers": kept,
        "id": "X-Toxiproxy-Request-Id" in answer.headers,
        "length": length is not None,
        "body": PORT.sub(r"\1PORT", answer.body.decode()),
    }


def _replay(server: Server, busy: str) -> Iterator[tuple[dict[str, Any], Answer]]:
    """Send the recorded requests one after another."""
    ports = {"{busy}": busy}
    server.call("POST", "/proxies", {**A, "listen": "127.0.0.1:0"})
    for entry in _entries():
        body = entry.get("body")
        for name, port in ports.items():
            body = body and body.replace(name, port)
        sent = None if body is None else body.encode()
        method, path = entry["request"].split(" ", 1)
        headers = {"User-Agent": "test", **entry.get("headers", {})}
        answer = server.call(method, path, sent, headers)
        if entry["label"] == "populate 2":
            ports["{p1}"] = answer.json["proxies"][0]["listen"].rpartition(":")[2]
        if entry["label"] == "after half-bad":
            # As Toxiproxy has it now, for what follows.
            half = {"attributes": {"latency": 7}}
            server.call("PATCH", path, half)
        yield entry, answer


A = {"name": "a", "upstream": "127.0.0.1:9"}


@pytest.mark.usefixtures("_alone")
def test_the_api_answers_as_toxiproxy_does(server: Server) -> None:
    port_80 = _may_listen_on_80()
    reached = {"listen service name": port_80}

    with _busy_port() as busy:
        pairs = list(_replay(server, busy))

    wrong = [
        (entry["label"], want, got)
        for entry, answer in pairs
        if (want := {"status": entry["status"], **entry["answer"]})
        != (got := {"status": answer.status, **_seen(answer)})
        and entry["label"] not in DIFFERENCES
        and reached.get(entry["label"], True)
    ]
    assert wrong == []


@pytest.mark.usefixtures("_alone")
def test_the_list_of_differences_has_nothing_too_much(server: Server) -> None:
    with _busy_port() as busy:
        pairs = list(_replay(server, busy))

    same = {
        entry["label"]
        for entry, answer in pairs
        if {"status": entry["status"], **entry["answer"]}
        == {"status": answer.status, **_seen(answer)}
    }
    assert same & DIFFERENCES.keys() == set()


@pytest.mark.parametrize("path", ["/proxies", "/version"])
def test_two_requests_never_have_the_same_id(server: Server, path: str) -> None:
    ids = {
        server.call("GET", path).headers["X-Toxiproxy-Request-Id"] for _ in range(20)
    }

    assert len(ids) == 20
    assert {len(one) for one in ids} == {20}
