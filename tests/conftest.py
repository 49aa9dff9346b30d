"""What all tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chaos_mcp.machine.place import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
