"""Unix sockets, on either side of a proxy."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.proxy.running import PATIENCE, Proxied, Server, running, until
from tests.proxy.upstreams import Upstream, exactly

REDIS = shutil.which("redis-server")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder with a short name: the system has little room for one."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as made:
        yield Path(made)


def connect(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    client.connect(str(path))
    return client


def echoes(client: socket.socket, data: bytes = b"hello") -> bool:
    client.sendall(data)
    return exactly(client, len(data)) == data


@pytest.fixture
def unix(server: Server, echoing: Upstream, folder: Path) -> Proxied:
    """Give a proxy that listens at a path."""
    return server.proxy(echoing.address, listen=f"unix:{folder}/x.sock")


def test_a_proxy_may_listen_at_a_path(unix: Proxied, folder: Path) -> None:
    with connect(folder / "x.sock") as client:
        assert echoes(client)
        assert echoes(client, bytes(3_000_000)[:65536])

    assert unix.listen == f"unix:{folder}/x.sock"


def test_an_upstream_may_be_at_a_path(
    unix: Proxied, server: Server, folder: Path
) -> None:
    del unix
    outer = server.proxy(f"unix:{folder}/x.sock", "outer")

    with outer.connect() as client:
        assert echoes(client)


def test_toxics_work_at_a_path(unix: Proxied, folder: Path) -> None:
    name = unix.add("limit_data", bytes=3)

    with connect(folder / "x.sock") as client:
        client.sendall(b"hello")

        assert exactly(client, 10) == b"hel"
    assert until(lambda: unix.effects(name)["closed"]) == 1


def test_nobody_else_may_connect(unix: Proxied, folder: Path) -> None:
    del unix

    assert (folder / "x.sock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("way", ["delete", "disable", "end"])
def test_the_file_goes_with_the_proxy(
    echoing: Upstream, folder: Path, way: str
) -> None:
    file = folder / "x.sock"
    with running() as own:
        proxy = own.proxy(echoing.address, listen=f"unix:{file}")
        assert file.exists()

        if way == "delete":
            own.call("DELETE", proxy.path)
        elif way == "disable":
            own.call("PATCH", proxy.path, {"enabled": False})
        else:
            own.end()

        assert not file.exists()


def test_a_file_that_somebody_else_put_there_meanwhile_stays(
    unix: Proxied, folder: Path
) -> None:
    file = folder / "x.sock"
    file.unlink()
    file.write_text("mine", "utf-8")

    unix.server.call("DELETE", unix.path)

    assert file.read_text("utf-8") == "mine"


def test_a_socket_that_a_dead_process_left_is_replaced(
    server: Server, echoing: Upstream, folder: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / "x.sock"))

    server.proxy(echoing.address, listen=f"unix:{folder}/x.sock")

    with connect(folder / "x.sock") as client:
        assert echoes(client)


def refused(server: Server, listen: str) -> str:
    body = {"name": "x", "upstream": "127.0.0.1:9", "listen": listen}
    answer = server.call("POST", "/proxies", body)
    assert answer.status == 500
    return str(answer.json["error"])


def test_a_path_where_somebody_listens_is_refused(
    unix: Proxied, server: Server
) -> None:
    assert refused(server, unix.listen) == (
        f"listen {unix.listen}: address already in use"
    )


def test_a_file_that_is_no_socket_is_left_alone(server: Server, folder: Path) -> None:
    (folder / "x").write_text("mine", "utf-8")

    assert refused(server, f"unix:{folder}/x") == (
        f"listen unix:{folder}/x: a file is there that is no socket"
    )
    assert (folder / "x").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/" + "x" * 120, "the path has 121 bytes, 107 are possible"),
        ("/no/such/folder/x", "no such file or directory"),
        ("/a\0b", "the path has a zero byte in it"),
    ],
)
def test_a_path_that_cannot_be_is_said(server: Server, path: str, why: str) -> None:
    assert refused(server, f"unix:{path}") == f"listen unix:{path}: {why}"


def test_an_upstream_that_cannot_be_is_said_and_changes_nothing(
    proxy: Proxied,
) -> None:
    body = {"upstream": "unix:/" + "x" * 120}

    answer = proxy.server.call("PATCH", proxy.path, body)

    assert answer.status == 500
    assert "the path has 121 bytes" in answer.json["error"]
    with proxy.connect() as client:
        assert echoes(client)


def test_populate_replaces_a_proxy_at_its_own_path(
    unix: Proxied, server: Server, folder: Path
) -> None:
    body = [{"name": unix.name, "listen": unix.listen, "upstream": "127.0.0.1:9"}]

    assert server.call("POST", "/populate", body).status == 201

    with connect(folder / "x.sock") as client:
        assert client.recv(1) == b""


def test_a_proxy_moves_between_a_port_and_a_path(proxy: Proxied, folder: Path) -> None:
    there = {"listen": f"unix:{folder}/x.sock"}

    assert (
        proxy.server.call("PATCH", proxy.path, there).json["listen"]
        == (there["listen"])
    )
    with connect(folder / "x.sock") as client:
        assert echoes(client)
    back = {"listen": proxy.listen}
    assert proxy.server.call("PATCH", proxy.path, back).json["listen"] == proxy.listen
    with proxy.connect() as other:
        assert echoes(other)
    assert not (folder / "x.sock").exists()


def test_many_clients_at_once_wait_for_a_full_queue(
    server: Server, folder: Path
) -> None:
    """A Unix socket whose queue is full refuses at once, where TCP would wait."""
    with socket.socket(socket.AF_UNIX) as narrow:
        narrow.bind(str(folder / "narrow"))
        narrow.listen(1)
        proxy = server.proxy(f"unix:{folder}/narrow")
        clients = [proxy.connect() for _ in range(8)]
        narrow.settimeout(PATIENCE)
        for client in clients:
            client.sendall(b"x")

        accepted = [narrow.accept()[0] for _ in clients]

        assert all(one.recv(1) == b"x" for one in accepted)
        for one in [*clients, *accepted]:
            one.close()


@pytest.mark.skipif(not REDIS, reason="needs redis-server")
def test_redis_is_reached_over_unix_sockets_on_both_sides(
    server: Server, folder: Path
) -> None:
    redis = pytest.importorskip("redis", reason="needs the redis client")
    inner, outer = folder / "redis", folder / "proxy"
    command = [str(REDIS), "--port", "0", "--unixsocket", str(inner), "--save", ""]
    with subprocess.Popen(
        [*command, "--dir", str(folder)], stdout=subprocess.DEVNULL
    ) as process:
        try:
            until(inner.exists)
            proxy = server.proxy(f"unix:{inner}", listen=f"unix:{outer}")
            with redis.Redis(unix_socket_path=str(outer), socket_timeout=5) as client:
                assert client.set("key", "value")
                proxy.add("latency", latency=60)
                assert client.get("key") == b"value"
                assert proxy.effects("latency_downstream")["delayed_seconds"] >= 0.06
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
