"""What all tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from chaos_mcp.machine.place import VARIABLE
from tests.command import call
from tests.proxy.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from tests.command import Chaos
    from tests.proxy.running import Server

# How fast the machine is says nothing about a law. The same tree meets the same
# examples each time; `make laws` looks for others.
OURS = settings(
    deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ours", OURS)
settings.register_profile("explore", OURS, derandomize=False, max_examples=1000)
settings.load_profile("ours")


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio; engine tests add trio."""
    return "asyncio"


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the runs of tests out of the index that this machine's user has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test an index of its own, where others' runs are not seen."""
    folder = tmp_path / "state"
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


@pytest.fixture
def chaos(tmp_path: Path) -> Chaos:
    """Call `chaos` in an empty folder and return what it said."""

    def called(
        *arguments: object, cwd: Path = tmp_path, **variables: str
    ) -> CompletedProcess[str]:
        return call(*arguments, cwd=cwd, **variables)

    return called


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    with running("--seed", "7") as server:
        yield server


@pytest.fixture
def server(one_server: Server) -> Iterator[Server]:
    """Give a server without proxies; one process serves all tests in turn."""
    one_server.empty()
    yield one_server
    one_server.empty()
