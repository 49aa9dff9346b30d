"""What a run may break here, and how it is seen whether all of it was put back."""

from __future__ import annotations

import resource
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.echo import echo_server
from tests.safety.bench import Bench, Nursery, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORE = {
    "name": "store",
    "command": ["sleep", "120"],
    "ready": {"probe": "process", "command": ["true"]},
}
CUT: dict[str, Any] = {"fault": "network.partition", "proxy": "cache"}
KNOCK = {
    "action": "process",
    "name": "go through the proxy",
    "command": [
        *("bash", "-c"),
        "printf hi > /dev/tcp/${proxy.cache.host}/${proxy.cache.port}",
    ],
}


def embedded(upstream: str) -> dict[str, Any]:
    """Return an experiment on a proxy of the run's own."""
    proxies = [{"name": "cache", "upstream": upstream}]
    return {
        "system": {"processes": [STORE], "proxies": proxies},
        "perturbations": [CUT, KNOCK],
    }


class Everything:
    """Processes, a directory and a proxy, each broken in all the ways there are."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.directory = folder / "filled"
        self.directory.mkdir()
        (self.directory / "somebody's").write_text("file", "utf-8")
        self.process = subprocess.Popen([shutil.which("sleep") or "sleep", "600"])
        self.upstream = upstream

    @property
    def experiment(self) -> dict[str, Any]:
        """Break all of it at once."""
        pid, path = self.process.pid, str(self.directory)
        made = embedded(self.upstream)
        harm = [
            {"fault": "file.descriptors", "pid": pid},
            {"fault": "process.memory", "pid": pid, "size": "2 MiB"},
            {"fault": "host.cpu", "cores": 1, "load": "5%"},
            {"fault": "process.pause", "pid": pid},
            {"fault": "process.kill", "process": "store"},
            {"fault": "disk.fill", "path": path, "size": "1 MiB"},
            {"fault": "disk.inodes", "path": path, "count": 20},
            CUT,
        ]
        return {**made, "perturbations": [*harm, KNOCK]}

    def look(self) -> dict[str, Any]:
        """Return how the process is, and what is in the directory."""
        return {
            "files it may open": resource.prlimit(
                self.process.pid, resource.RLIMIT_NOFILE
            ),
            "stopped": state_of(self.process.pid) == "T",
            "files": sorted(one.name for one in self.directory.iterdir()),
        }

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="module")
def bench(
    nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    with echo_server() as upstream:
        yield Bench(
            nursery,
            tmp_path_factory.mktemp("bench"),
            lambda folder: Everything(folder, upstream),
        )
