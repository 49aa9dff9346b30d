"""A world with a real target in it, for each fault of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chaos_mcp.adapters.world import World
from chaos_mcp.faults import BUILT_IN
from tests.echo import echo_server
from tests.faults.disks import OWNER
from tests.faults.stages import stage_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.faults.stages import Stage
    from tests.proxy.running import Server


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    with echo_server() as address:
        yield address


@pytest.fixture(params=BUILT_IN)
def kind(request: pytest.FixtureRequest) -> str:
    """Give each kind of fault in turn."""
    return str(request.param)


@pytest.fixture
async def stage(
    anyio_backend: str, kind: str, server: Server, upstream: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    """Give a fault of this kind and a real target for it."""
    del anyio_backend
    async with stage_for(kind, server, upstream, tmp_path) as made:
        yield made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a directory with a file in it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders").write_bytes(b"x" * 1000)
    return tmp_path / "data"


@pytest.fixture
def world() -> World:
    return World(owner=OWNER)
