"""A guardian that is warm undoes without loading anything: the disk may be gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.adapters.world import World
from chaos_mcp.errors import ChaosError
from chaos_mcp.events import FaultArmed, FaultVerified, RunStarted
from chaos_mcp.faults.process_pause import ProcessPause
from chaos_mcp.journal.log import Journal
from chaos_mcp.journal.read import read
from tests.proxy.running import running
from tests.running import only
from tests.safety.bench import state_of
from tests.safety.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.proxy.running import Server

pytestmark = pytest.mark.anyio
ACTS = """
import sys
from pathlib import Path
from chaos_mcp.engine.guardian import act
from chaos_mcp.engine.warming import warm

warm([sys.argv[2]], "embedded")
before = set(sys.modules)
assert act(Path(sys.argv[1]), "it was asked to")
print(*sorted(set(sys.modules) - before))
"""


def loaded(folder: Path, kind: str) -> list[str]:
    """Have a warm guardian undo all of a run; return what it has loaded meanwhile."""
    called = [sys.executable, "-c", ACTS, str(folder), kind]
    said = subprocess.run(
        called, check=True, capture_output=True, text=True, timeout=60
    )
    assert only(read(folder), FaultVerified)
    return said.stdout.split()


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as made:
        yield made


async def test_a_toxic_is_removed(server: Server, tmp_path: Path) -> None:
    site = Site(server, "127.0.0.1:1")
    site.make()
    await site.slowed(tmp_path)

    assert loaded(tmp_path, "network.latency") == []
    assert site.carries() == set()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "600"])  # noqa: S607 - any sleep
    yield process
    process.kill()
    process.wait()


async def test_a_process_is_resumed(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    fault = ProcessPause(pid=sleeper.pid)
    memo = await fault.arm(World())
    os.kill(sleeper.pid, signal.SIGSTOP)
    journal = Journal(tmp_path, "r1")
    journal.record(RunStarted(title="it", experiment={}))
    armed = FaultArmed(
        fault="1-process.pause",
        name="pause",
        spec={"fault": "process.pause", **fault.model_dump(mode="json")},
        memo=memo,
        owner="chaos-r1-1",
        lease=1.0,
        expires=time.time() + 60,
    )
    journal.record(armed)
    journal.close()

    assert loaded(tmp_path, "process.pause") == []
    assert state_of(sleeper.pid) == "S"


def test_what_is_not_there_is_said_and_not_warm() -> None:
    from chaos_mcp.engine.warming import warm  # noqa: PLC0415 - it stops the clock

    with pytest.raises(ChaosError, match="no fault is called 'nonsense'"):
        warm(["nonsense"], "")
