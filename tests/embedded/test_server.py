"""The server as a process: it comes up fast, survives anything, and leaves cleanly."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toxiproxy import Toxiproxy
from toxiproxy.api import APIConsumer

from tests.embedded.conftest import end, start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.embedded.conftest import Api

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "name",
        "listen",
        "upstream",
        "enabled",
        "type",
        "stream",
        "toxicity",
        "attributes",
    ]
)
PATHS = st.sampled_from(["/proxies", "/proxies/p", "/proxies/p/toxics", "/populate"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_gives_the_ports_back(number: int) -> None:
    process, api = start()
    made = api(
        "POST",
        "/proxies",
        {"name": "p", "upstream": "127.0.0.1:1", "listen": "127.0.0.1:0"},
    )
    port = int(made[1]["listen"].rpartition(":")[2])

    process.send_signal(number)

    process.communicate(timeout=10)
    assert process.returncode == 0
    socket.create_server(("127.0.0.1", port)).close()


def test_it_ends_with_whoever_started_it() -> None:
    process, _ = start()

    assert end(process) == 0


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = subprocess.run(
            [sys.executable, "-m", "chaos_mcp.proxy", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert str(port) in done.stderr


def test_it_begins_with_what_a_file_says(tmp_path: Path) -> None:
    file = tmp_path / "proxies.json"
    proxy = {"name": "p", "upstream": "127.0.0.1:1", "listen": "127.0.0.1:0"}
    file.write_text(json.dumps([proxy]))

    process, api = start("--config", str(file))
    names = list(api("GET", "/proxies")[1])
    end(process)

    assert names == ["p"]


def test_toxiproxy_python_works_unchanged(api: Api, upstream: str) -> None:
    APIConsumer.host, _, port = api.url.removeprefix("http://").partition(":")
    APIConsumer.port = int(port)
    client = Toxiproxy()

    proxy = client.create(name="py", upstream=upstream, listen="127.0.0.1:0")
    proxy.add_toxic(type="latency", attributes={"latency": 5})

    assert client.running()
    assert list(proxy.toxics()) == ["latency_downstream"]
    proxy.destroy_toxic("latency_downstream")
    assert client.get_proxy("py").toxics() == {}
    assert client.destroy(proxy)


@pytest.mark.usefixtures("proxied")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(path=PATHS, body=st.dictionaries(KEYS, JSON) | JSON)
def test_no_body_brings_it_down(api: Api, path: str, body: object) -> None:
    status, _ = api("POST", path, body)

    assert 200 <= status < 600
    assert api("GET", "/version")[0] == 200


def test_metrics_move_while_a_connection_is_open(api: Api, proxied: str) -> None:
    host, _, port = proxied.rpartition(":")
    with socket.create_connection((host, int(port))) as one:
        one.sendall(b"12345")
        assert one.recv(5)

        _, _, text = api.raw("GET", "/metrics")

    lines = [line for line in text.decode().splitlines() if 'proxy="p"' in line]
    assert any("received" in line and line.endswith(" 5") for line in lines)
