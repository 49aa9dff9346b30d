"""The process: it says when it is there, ends when it should, and leaves nothing."""

import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proxy.original import free_port
from tests.proxy.running import PATIENCE, Server, running, settled, start
from tests.proxy.upstreams import Upstream

ON_ANY_PORT = ["--port", "0"]


def test_it_announces_itself_in_one_line() -> None:
    with start(*ON_ANY_PORT, "--announce", "--exit-with-parent") as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())

        assert ready["ready"] is True
        assert ready["pid"] == process.pid
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", ready["url"])
        out, err = process.communicate(timeout=PATIENCE)

    assert (out, err, process.returncode) == (b"", b"", 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_gives_the_ports_back(number: signal.Signals) -> None:
    with running() as server:
        proxy = server.proxy("127.0.0.1:9")
        with proxy.connect():
            server.process.send_signal(number)

            assert server.process.wait(PATIENCE) == 0

        socket.create_server(proxy.address).close()
        socket.create_server(("127.0.0.1", server.port)).close()


def test_it_ends_while_connections_and_requests_are_under_way() -> None:
    with running() as server:
        proxy = server.proxy("127.0.0.1:9")
        with socket.create_connection(("127.0.0.1", server.port)) as stuck:
            stuck.sendall(b"POST /populate HTTP/1.1\r\n")
            for _ in range(20):
                proxy.connect().close()
            began = time.monotonic()

            assert server.end() == 0

        assert time.monotonic() - began < 4


def test_it_ends_while_a_name_is_looked_up() -> None:
    """However long the name server takes: nobody waits for it."""
    with running() as server:
        proxy = server.proxy("some.host.invalid:80")
        with proxy.connect():
            began = time.monotonic()

            assert server.end() == 0

        assert time.monotonic() - began < 4


def test_it_ends_with_who_started_it() -> None:
    with start(*ON_ANY_PORT, "--announce", "--exit-with-parent") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        process.stdin.write(b"still here\n")
        process.stdin.flush()

        process.stdin.close()

        assert process.wait(PATIENCE) == 0


def test_it_ends_at_once_where_nobody_holds_stdin() -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "chaos_mcp.proxy"),
            *(*ON_ANY_PORT, "--exit-with-parent"),
        ],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        _, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert b"Traceback" not in err


def test_without_options_it_is_a_server_in_the_foreground() -> None:
    with start(*ON_ANY_PORT) as process:
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        url = said.split()[-1]
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/version")

        assert connection.getresponse().status == 200

        connection.close()
        process.terminate()
        out, _ = process.communicate(timeout=PATIENCE)
    assert said.startswith("chaos proxy: ")
    assert out == b""


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with start("--port", port) as process:
            out, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert out == b""
    assert err.decode().count("\n") == 1
    assert port in err.decode()


def test_it_listens_on_loopback_alone_unless_told() -> None:
    with running() as server:
        assert "//127.0.0.1:" in server.url


def test_it_listens_on_ipv6_if_told() -> None:
    with start(*ON_ANY_PORT, "--host", "::1", "--announce") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"].startswith("http://[::1]:")
        process.terminate()
        process.communicate(timeout=PATIENCE)


def configured(tmp_path: Path, text: str) -> list[str]:
    """Return the option for a configuration file of this text."""
    file = tmp_path / "proxies.json"
    file.write_text(text, "utf-8")
    return ["--config", str(file)]


def test_a_configuration_brings_proxies_and_toxics(tmp_path: Path) -> None:
    toxic = {"type": "latency", "attributes": {"latency": 5}}
    proxies = [
        {"name": "a", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"},
        {"name": "b", "upstream": "127.0.0.1:9", "enabled": False, "toxics": [toxic]},
    ]

    with running(*configured(tmp_path, json.dumps(proxies))) as server:
        made = server.call("GET", "/proxies").json

    assert made["a"]["enabled"] is True
    assert made["b"]["enabled"] is False
    assert made["b"]["toxics"][0]["attributes"] == {"latency": 5, "jitter": 0}


@pytest.mark.parametrize("text", ["", "{bad", "{}", '[{"name": "x"}]', "[1]"])
def test_a_bad_configuration_is_said_and_no_more(tmp_path: Path, text: str) -> None:
    options = configured(tmp_path, text)

    with start(*ON_ANY_PORT, "--announce", "--exit-with-parent", *options) as process:
        out, err = process.communicate(timeout=PATIENCE)

    assert b'"ready": true' in out
    assert b"proxies.json" in err
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{bad", "invalid character 'b' looking for beginning of object key string"),
        ('[{"name": "x"}]', "missing required field: upstream at proxy 1"),
        ('[{"name":"x","upstream":"u","listen":"nowhere"}]', "missing port"),
    ],
)
def test_a_bad_configuration_ends_it_if_it_is_to_be_strict(
    tmp_path: Path, text: str, why: str
) -> None:
    options = configured(tmp_path, text)

    with start(*ON_ANY_PORT, "--announce", "--strict", *options) as process:
        out, err = process.communicate(timeout=PATIENCE)

    assert (process.returncode, out) == (1, b"")
    assert why in err.decode()
    assert err.decode().count("\n") == 1


def test_toxiproxys_options_may_be_written_as_there(tmp_path: Path) -> None:
    one = [{"name": "a", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}]
    file = tmp_path / "toxiproxy.json"
    file.write_text(json.dumps(one), "utf-8")
    port = free_port()
    options = ["-host", "localhost", "-port", str(port), "-config", str(file)]
    options += ["-seed", "7", "-proxy-metrics", "-runtime-metrics"]
    serve = ["-m", "chaos_mcp.cli", "proxy", "serve"]

    with start(*options, program=serve) as process:
        server = Server(process, {"url": f"http://127.0.0.1:{port}"})
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        made = server.call("GET", "/proxies").json
        process.terminate()
        process.communicate(timeout=PATIENCE)

    assert said == f"chaos proxy: the API listens on http://127.0.0.1:{port}\n"
    assert list(made) == ["a"]


def test_a_configuration_that_is_not_there_is_said(tmp_path: Path) -> None:
    options = ["--config", str(tmp_path / "none.json")]

    with start(*ON_ANY_PORT, "--announce", "--exit-with-parent", *options) as process:
        _, err = process.communicate(timeout=PATIENCE)

    assert b"none.json" in err
    assert b"Traceback" not in err


def test_it_takes_as_many_descriptors_as_it_may(server: Server) -> None:
    limits = Path(f"/proc/{server.process.pid}/limits").read_text("utf-8")
    line = next(one for one in limits.splitlines() if one.startswith("Max open files"))

    soft, hard = line.split()[3:5]

    assert soft == hard


def limit_descriptors(server: Server, spare: int = 0) -> Callable[[], None]:
    """Leave a server so many descriptors to open; return how to lift that."""
    number = server.process.pid

    def used() -> set[int]:
        return {int(one.name) for one in Path(f"/proc/{number}/fd").iterdir()}

    taken = settled(used)
    free = [one for one in range(1000) if one not in taken]
    _, hard = resource.prlimit(number, resource.RLIMIT_NOFILE)
    resource.prlimit(number, resource.RLIMIT_NOFILE, (free[spare], hard))

    def lift() -> None:
        resource.prlimit(number, resource.RLIMIT_NOFILE, (hard, hard))

    return lift


def test_without_descriptors_it_goes_on_once_there_are_some() -> None:
    """It neither dies nor spins, and serves who waited when others have left."""
    with running() as narrow:
        proxy = narrow.proxy("127.0.0.1:9")
        lift = limit_descriptors(narrow)
        with proxy.connect() as client:
            time.sleep(0.3)
            spent = cpu(narrow)
            time.sleep(0.3)

            assert cpu(narrow) - spent < 0.2

            lift()
            assert client.recv(1) == b""
        assert narrow.call("GET", "/version").status == 200


def test_without_a_descriptor_for_the_upstream_the_client_is_closed(
    echoing: Upstream,
) -> None:
    with running() as narrow:
        proxy = narrow.proxy(echoing.address)
        lift = limit_descriptors(narrow, spare=1)
        with proxy.connect() as client:
            assert client.recv(1) == b""

        lift()

        with proxy.connect() as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"


def test_a_proxy_that_waits_for_descriptors_can_be_deleted() -> None:
    with running() as narrow:
        proxy = narrow.proxy("127.0.0.1:9")
        api = http.client.HTTPConnection("127.0.0.1", narrow.port, timeout=PATIENCE)
        api.request("GET", "/version")
        api.getresponse().read()
        limit_descriptors(narrow)
        with proxy.connect():
            time.sleep(0.1)
            api.request("DELETE", proxy.path)

            assert api.getresponse().status == 204
        api.close()


def cpu(server: Server) -> float:
    """Return the seconds of CPU that a server has used."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text("utf-8").split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def test_it_loads_no_heavy_library() -> None:
    code = (
        "import sys, chaos_mcp.proxy.__main__; sys.stdout.write(' '.join(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.split())
    assert not loaded & {"pydantic", "click", "httpx", "anyio", "structlog", "rich"}
