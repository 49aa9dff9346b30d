"""What a run may break here, and how it is seen whether all of it was put back."""

from __future__ import annotations

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
    """A process that is stopped, a directory that is filled, a proxy that is cut."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.directory = folder / "filled"
        self.directory.mkdir()
        (self.directory / "somebody's").write_text("file", "utf-8")
        self.process = subprocess.Popen([shutil.which("sleep") or "sleep", "600"])
        self.upstream = upstream

    @property
    def experiment(self) -> dict[str, Any]:
        """Break all three at once."""
        pause = {"fault": "process.pause", "pid": self.process.pid}
        fill = {"fault": "disk.fill", "path": str(self.directory), "size": "1 MiB"}
        made = embedded(self.upstream)
        return {**made, "perturbations": [pause, fill, CUT, KNOCK]}

    def look(self) -> dict[str, Any]:
        """Return whether the process runs, and what is in the directory."""
        return {
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
