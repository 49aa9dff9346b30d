"""What a run has started is written down as ended, however the run ends."""

from __future__ import annotations

from subprocess import PIPE
from typing import TYPE_CHECKING

import anyio
import pytest

from chaos_mcp.engine.proxies import server
from chaos_mcp.journal.ledger import open_parts
from chaos_mcp.journal.log import Journal
from tests.running import kinds

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


async def test_a_proxy_server_is_written_down_as_ended_when_the_run_is_stopped(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path, "run")

    with anyio.CancelScope() as run:
        async with server("", 0, journal, PIPE):
            assert len(open_parts(journal.events)) == 1
            run.cancel()
            await anyio.sleep_forever()

    assert kinds(journal.events) == ["part.started", "part.stopped"]
    assert not open_parts(journal.events)
    journal.close()
