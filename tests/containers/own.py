"""A Docker Engine of a test's own, which it may stop, freeze and restart."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.adapters.docker.calls import API
from tests.containers.engine import STAYS, Container, image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

SOON = 30.0
UNCONNECTED = ("--bridge", "none", "--iptables=false", "--ip-masq=false")


class OwnEngine:
    """A daemon with nothing on it."""

    def __init__(self, folder: Path, *, network: bool = False) -> None:
        self.folder = folder
        self.network = network
        self.url = f"unix://{folder}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        folder = self.folder
        command = [
            # In a network of its own: without a bridge, it removes everybody's.
            *("unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"),
            *("dockerd", "--host", self.url, "--pidfile", f"{folder}/pid"),
            *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"),
            *("--storage-driver", "vfs"),
            *(() if self.network else UNCONNECTED),
        ]
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + SOON
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                tail = (folder / "log").read_text("utf-8", "replace")[-500:]
                self.stop()
                pytest.skip(f"no second Docker Engine can be started here: {tail}")
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Return the daemon's process, in whose network its containers' ports are."""
        assert self._process is not None
        return self._process.pid

    def _answers(self) -> bool:
        from docker.errors import DockerException  # noqa: PLC0415 - only where needed

        if not Path(self.url.removeprefix("unix://")).exists():
            return False
        client = self.client()
        try:
            return bool(client.ping())
        except (DockerException, OSError):
            return False
        finally:
            client.close()

    def client(self) -> APIClient:
        from docker import APIClient  # noqa: PLC0415 - only where it is needed

        return APIClient(self.url, API, timeout=30)

    def send(self, number: signal.Signals) -> None:
        """Send the daemon a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        """End it, and see it gone."""
        if self._process:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(SOON)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    @contextmanager
    def container(self) -> Iterator[Container]:
        """Run a container on it."""
        client = self.client()
        made = client.create_container(
            image(client),
            list(STAYS),
            environment={"PATH": "/bin"},
            host_config=client.create_host_config(init=True, network_mode="none"),
        )
        one = Container(client, made["Id"])
        try:
            client.start(one.id)
            yield one
        finally:
            one.remove()
            client.close()


@contextmanager
def own_engine(*, network: bool = False) -> Iterator[OwnEngine]:
    """Give an engine of one's own; skip the test where there can be none.

    With a `network`, its containers have one; it is reached from the daemon's alone.
    """
    needed = ("dockerd", "unshare", *(("ip", "iptables", "nsenter") if network else ()))
    if os.geteuid() != 0 or not all(map(shutil.which, needed)):
        pytest.skip(f"a second Docker Engine needs root, and {', '.join(needed)}")
    with tempfile.TemporaryDirectory(prefix="chaos-engine-") as folder:
        engine = OwnEngine(Path(folder), network=network)
        engine.start()
        try:
            yield engine
        finally:
            engine.stop()
