"""Programs that speak to a server, and tell what they saw."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import pytest

from tests.proxy.running import PATIENCE, Server, running
from tests.proxy.upstreams import Upstream

Tell: TypeAlias = Callable[[list[str], Mapping[str, str]], dict[str, Any]]


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    """Give our server as a user starts it."""
    with running(program=["-m", "chaos_mcp.cli", "proxy", "serve"]) as server:
        yield server


@pytest.fixture
def tell(target: Server, echoing: Upstream) -> Tell:
    """Run a program on a server's URL and an upstream; return what it tells."""

    def told(command: list[str], environment: Mapping[str, str]) -> dict[str, Any]:
        done = subprocess.run(
            [*command, target.url, echoing.address],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return told
