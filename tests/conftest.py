"""What all tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from chaos_mcp.machine.place import VARIABLE
from tests.command import call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from tests.command import Chaos

# How long an example takes says how busy the machine is; `benchmarks/` is for speed.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


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
