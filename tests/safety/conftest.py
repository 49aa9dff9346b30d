"""What a run may break here, and how it is seen whether all of it was put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.echo import echo_server
from tests.safety.bench import Bench, Nursery

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        yield Bench(nursery, tmp_path_factory.mktemp("bench"), embedded(upstream))
