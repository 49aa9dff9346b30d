"""A real Docker Engine, where there is one, and real containers on it."""

from __future__ import annotations

import io
import os
import shutil
import socket
import tarfile
import time
from contextlib import closing, contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from chaos_mcp.adapters.docker.calls import API, DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

MARK = "chaos.test"
"""The label of everything that tests make."""
IMAGE = "chaos-test:1"
STAYS = ("sh", "-c", "trap exit TERM; while :; do sleep 0.05; done")
"""Runs until it is asked to end, and can be seen to use the processor."""
WORDS = "sh sleep dd nc ping wget httpd ip cat ls head tail echo true yes tr od"
SOON = 10.0


@cache
def engine() -> APIClient | str:
    """Return what speaks to the engine, or why there is none."""
    from docker import APIClient  # noqa: PLC0415 - only where it is needed
    from docker.errors import DockerException  # noqa: PLC0415 - as above

    url = os.environ.get("DOCKER_HOST", DEFAULT)
    made = APIClient(url, API, timeout=30)
    try:
        if url.startswith("unix://"):  # the SDK does not close what it cannot open
            with closing(socket.socket(socket.AF_UNIX)) as one:
                one.connect(url.removeprefix("unix://"))
        made.ping()
    except (DockerException, OSError) as error:
        made.close()
        return f"no Docker Engine answers at {url}: {type(error).__name__}"
    return made


def real() -> APIClient:
    """Return what speaks to the engine; skip the test if there is none."""
    found = engine()
    if isinstance(found, str):
        pytest.skip(found)
    image(found)
    return found


def busybox() -> str:
    """Return where a busybox is that needs no libraries."""
    found = shutil.which("busybox")
    if not found:
        pytest.skip("there is no busybox (busybox-static) to make an image of")
    return found


@cache
def image(client: APIClient) -> str:
    """Make a tiny image of this machine's busybox, once."""
    path = busybox()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.add(os.path.realpath(path), "bin/busybox")
        for word in WORDS.split():
            link = tarfile.TarInfo(f"bin/{word}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    name, _, tag = IMAGE.partition(":")
    client.import_image_from_data(made.getvalue(), repository=name, tag=tag)
    return IMAGE


class Container:
    """A container of a test, looked at by another path than the faults'."""

    def __init__(self, client: APIClient, said: str) -> None:
        self.client = client
        self.id = said

    def said(self) -> dict[str, Any]:
        """Return what the engine says of it."""
        found: dict[str, Any] = self.client.inspect_container(self.id)
        return found

    @property
    def name(self) -> str:
        return str(self.said()["Name"]).lstrip("/")

    @property
    def status(self) -> str:
        return str(self.said()["State"]["Status"])

    @property
    def pid(self) -> int:
        return int(self.said()["State"]["Pid"])

    def wait_for(self, status: str) -> None:
        """Wait until it is so."""
        end = time.monotonic() + SOON
        while self.status != status:
            assert time.monotonic() < end, f"it is {self.status}, not {status}"
            time.sleep(0.01)

    def run(self, *command: str) -> tuple[int, str]:
        """Run a command in it; return its exit code, and what it wrote."""
        made = self.client.exec_create(self.id, list(command))
        out = self.client.exec_start(made["Id"])
        code = self.client.exec_inspect(made["Id"])["ExitCode"]
        return code, out.decode("utf-8", "replace")

    def remove(self) -> None:
        """End it for good."""
        from docker.errors import APIError  # noqa: PLC0415 - only where it is needed

        with suppress(APIError):
            self.client.remove_container(self.id, force=True, v=True)


@contextmanager
def container(
    *command: str, name: str = "", labels: dict[str, str] | None = None, **how: Any
) -> Iterator[Container]:
    """Run a container for as long as the block does."""
    client = real()
    host = client.create_host_config(init=True, **how.pop("host", {}))
    made = client.create_container(
        IMAGE,
        list(command or STAYS),
        name=name or f"chaos-test-{uuid4().hex[:8]}",
        labels={MARK: "", **(labels or {})},
        environment={"PATH": "/bin"},
        host_config=host,
        **how,
    )
    one = Container(client, made["Id"])
    try:
        client.start(one.id)
        yield one
    finally:
        one.remove()


class Network:
    """A network of a test."""

    def __init__(self, client: APIClient, said: str, name: str) -> None:
        self.client = client
        self.id = said
        self.name = name

    @contextmanager
    def container(
        self, address: str = "", *aliases: str, command: tuple[str, ...] = STAYS
    ) -> Iterator[Container]:
        """Run a container on it."""
        how: dict[str, Any] = {"aliases": list(aliases)}
        how |= {"ipv4_address": address} if address else {}
        on: Any = {self.name: self.client.create_endpoint_config(**how)}
        networking = self.client.create_networking_config(on)
        with container(
            *command,
            host={"network_mode": self.name},
            networking_config=networking,
        ) as one:
            yield one


@contextmanager
def network(subnet: str = "") -> Iterator[Network]:
    """Make a network for as long as the block runs."""
    from docker.types import IPAMConfig, IPAMPool  # noqa: PLC0415 - as above

    client = real()
    name = f"chaos-test-{uuid4().hex[:8]}"
    pools = [IPAMPool(subnet=subnet)] if subnet else []
    ipam = IPAMConfig(pool_configs=pools) if pools else None
    made = client.create_network(name, ipam=ipam, labels={MARK: ""})
    try:
        yield Network(client, made["Id"], name)
    finally:
        client.remove_network(made["Id"])
